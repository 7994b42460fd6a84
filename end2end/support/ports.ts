/** Where everything listens; the ports are part of the contract. */
export const HOST = process.env.LOOMA_HOST ?? "127.0.0.1";

export const SERVICES = {
  gateway: 9000,
  user: 9001,
  resume: 9002,
  company: 9003,
  job: 9004,
  project: 9005,
  skill: 9006,
  relationship: 9007,
  ai: 9008,
  search: 9009,
  admin: 9100,
  monitor: 9101,
  backup: 9102,
  config: 9103,
  log: 9104,
  web: 9203,
  "admin-web": 9204,
  mobile: 9205,
} as const;

export type Service = keyof typeof SERVICES;

export const at = (service: Service) => `http://${HOST}:${SERVICES[service]}`;

/** The first administrator, made when the system under test starts for the first time. */
export const ADMIN = {
  email: process.env.LOOMA_ADMIN_EMAIL ?? "admin@looma.example",
  password: process.env.LOOMA_ADMIN_PASSWORD ?? "a-long-test-password",
};
