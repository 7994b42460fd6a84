/** A signed-in client with kept-alive connections that measures what it asks. */
import http from "node:http";
import { randomUUID } from "node:crypto";

export const PORTS = {
  gateway: 9000, user: 9001, resume: 9002, company: 9003, job: 9004, project: 9005, skill: 9006, relationship: 9007,
  ai: 9008, search: 9009, admin: 9100, monitor: 9101, backup: 9102, config: 9103, log: 9104, web: 9203,
  "admin-web": 9204, mobile: 9205,
};
export const at = (service) => `http://127.0.0.1:${PORTS[service]}`;

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

/** One request; answers status, headers and body once the last byte is there. */
function request(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method, headers, agent }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
      answer.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export class Api {
  constructor(who) {
    this.who = who;
  }

  static async signIn(who) {
    const api = new Api(who);
    await api.refresh();
    return api;
  }

  /** A new token: they are short-lived. */
  async refresh() {
    const answer = await this.json("POST", `${at("gateway")}/api/v1/users/login`, this.who, 200);
    this.token = answer.body.access_token;
    this.until = Date.now() + (answer.body.expires_in * 1000) / 2;
  }

  async json(method, url, body, expected) {
    const headers = { accept: "application/json", "content-type": "application/json" };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (expected === 201) headers["idempotency-key"] = randomUUID();
    const answer = await request(method, url, headers, body === undefined ? undefined : JSON.stringify(body));
    if (expected && answer.status !== expected) throw new Error(`${method} ${url}: ${answer.status} ${answer.body}`);
    return { ...answer, body: answer.body.length ? JSON.parse(answer.body.toString()) : undefined };
  }

  /** Creates a record at its own service; answers it with the position of the write. */
  async create(service, path, body) {
    if (Date.now() > this.until) await (this.refreshing ??= this.refresh().finally(() => (this.refreshing = undefined)));
    const answer = await this.json("POST", at(service) + path, body, 201);
    return { ...answer.body, position: answer.headers["looma-position"] };
  }

  /** Milliseconds until the last byte of a GET that succeeds. */
  async timed(url) {
    if (Date.now() > this.until) await this.refresh();
    const began = performance.now();
    const answer = await request("GET", url, { authorization: `Bearer ${this.token}`, accept: "application/json, text/html" });
    const took = performance.now() - began;
    if (answer.status !== 200) throw new Error(`GET ${url}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
    return took;
  }

  /** Uploads a file and waits until it is imported. */
  async import({ name, mimeType, buffer }) {
    const edge = randomUUID();
    const head = `--${edge}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${mimeType}\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), buffer, Buffer.from(`\r\n--${edge}--\r\n`)]);
    const answer = await request(
      "POST",
      `${at("gateway")}/api/v1/resumes/import`,
      { authorization: `Bearer ${this.token}`, "content-type": `multipart/form-data; boundary=${edge}`, "content-length": body.length, "idempotency-key": randomUUID() },
      body,
    );
    if (answer.status !== 202) throw new Error(`import: ${answer.status} ${answer.body}`);
    for (let tries = 0; tries < 3000; tries++) {
      const { body: state } = await this.json("GET", at("gateway") + answer.headers.location, undefined, 200);
      if (state.state === "done" || state.state === "failed") return state;
      await new Promise((done) => setTimeout(done, 10));
    }
    throw new Error("an import did not end");
  }

  /** Asks until the answer waits for nothing more. */
  async settled(path, limit) {
    const end = Date.now() + limit;
    while (Date.now() < end) {
      if (Date.now() > this.until) await this.refresh();
      const { status } = await this.json("GET", at("search") + path);
      if (status === 200) return;
      await new Promise((done) => setTimeout(done, 200));
    }
    throw new Error("the projections did not catch up");
  }
}
