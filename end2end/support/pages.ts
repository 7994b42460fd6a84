/** Every page of both applications, and the records that the detail pages show. */
import type { Client } from "./client.js";
import { pdfResume } from "./resumes.mjs";

export interface Records {
  person: string;
  friend: string;
  company: string;
  project: string;
  job: string;
}

/** Makes one of each record that a detail page needs. */
export async function makeRecords(client: Client, tag: string): Promise<Records> {
  const imported = await client.import(pdfResume({ name: "Marlene Vogt", email: `marlene.${tag}@mail.example` }));
  const company = await client.create("/api/v1/companies", { name: `Lighthouse ${tag}`, industry: "software" });
  const job = await client.create("/api/v1/jobs", {
    title: `Backend engineer ${tag}`,
    company_id: company.id,
    skills: [{ name: "Rust", required: true }],
  });
  await client.act(`/api/v1/jobs/${job.id}/publish`);
  await client.create("/api/v1/applications", { job_id: job.id, person_id: imported.person_id });
  const friend = await client.create("/api/v1/people", { name: `Jonas Weber ${tag}`, headline: "Engineering manager" });
  const person = (id: string) => ({ type: "person", id });
  await client.create("/api/v1/relationships", { from: person(imported.person_id), to: person(friend.id), kind: "worked_with" });
  const { position } = await client.create("/api/v1/relationships", {
    from: person(friend.id),
    to: { type: "company", id: company.id },
    kind: "employed_by",
  });
  await client.get(`/api/v1/relationships/paths?from=person:${friend.id}&to=company:${company.id}&wait_for=${position}`);
  const project = await client.create("/api/v1/projects", { name: `Harbour twin ${tag}` });
  return { person: imported.person_id, friend: friend.id, company: company.id, project: project.id, job: job.id };
}

export const WEB: Record<string, (records: Records) => string> = {
  dashboard: () => "/",
  people: () => "/people",
  person: ({ person }) => `/people/${person}`,
  "people-new": () => "/people?panel=new",
  "person-resumes": ({ person }) => `/people/${person}?tab=resumes`,
  "person-relationships": ({ person }) => `/people/${person}?tab=relationships`,
  imports: () => "/imports",
  companies: () => "/companies",
  "company-new": () => "/companies/new",
  company: ({ company }) => `/companies/${company}`,
  projects: () => "/projects",
  project: ({ project }) => `/projects/${project}`,
  skills: () => "/skills",
  jobs: () => "/jobs",
  "job-new": () => "/jobs/new",
  job: ({ job }) => `/jobs/${job}`,
  "job-edit": ({ job }) => `/jobs/${job}/edit`,
  board: ({ job }) => `/jobs/${job}/board`,
  matches: ({ job }) => `/jobs/${job}/matches`,
  search: () => "/search?q=Rust",
  paths: () => "/paths",
  "paths-found": ({ person, company }) => `/paths?from=person:${person}&to=company:${company}`,
  settings: () => "/settings",
};

export const ADMIN_WEB: Record<string, () => string> = {
  services: () => "/services",
  service: () => "/services?service=gateway",
  home: () => "/",
  users: () => "/users",
  "user-new": () => "/users?panel=new",
  roles: () => "/users/roles",
  audit: () => "/audit",
  config: () => "/config",
  backups: () => "/backups",
  logs: () => "/logs",
  "logs-live": () => "/logs?tab=live",
  projections: () => "/projections",
};
