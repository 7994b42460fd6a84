/** The JSON API as a client of the gateway sees it: signed in, and able to wait for what is done in the background. */
import { expect, type APIRequestContext, type APIResponse } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { ADMIN, at } from "./ports.js";

export type Json = Record<string, any>;
export interface File {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export class Client {
  private constructor(
    private readonly http: APIRequestContext,
    readonly session: Json,
  ) {}

  static async signIn(http: APIRequestContext, who = ADMIN): Promise<Client> {
    const answer = await http.post(`${at("gateway")}/api/v1/users/login`, { data: who });
    expect(answer.status(), await answer.text()).toBe(200);
    return new Client(http, await answer.json());
  }

  private get headers() {
    return { authorization: `Bearer ${this.session.access_token}`, accept: "application/json" };
  }

  /** `path` begins with `/` and goes to the gateway; a full address goes where it says. */
  send(method: string, path: string, data?: unknown, headers: Record<string, string> = {}): Promise<APIResponse> {
    const url = path.startsWith("/") ? at("gateway") + path : path;
    return this.http.fetch(url, { method, data, headers: { ...this.headers, ...headers }, maxRedirects: 0 });
  }

  /** Reads a record or a list. */
  async get(path: string): Promise<Json> {
    const answer = await this.send("GET", path);
    expect(answer.status(), `GET ${path}: ${await answer.text()}`).toBe(200);
    return answer.json();
  }

  /** Creates a record; the answer has the position to wait for in `position`. */
  async create(path: string, data: unknown): Promise<Json & { position: string }> {
    const answer = await this.send("POST", path, data, { "idempotency-key": randomUUID() });
    expect(answer.status(), `POST ${path}: ${await answer.text()}`).toBe(201);
    return { ...(await answer.json()), position: answer.headers()["looma-position"] };
  }

  /** Does something to a record, such as publishing it. */
  async act(path: string, data: unknown = {}): Promise<Json & { position: string }> {
    const answer = await this.send("POST", path, data);
    expect(answer.status(), `POST ${path}: ${await answer.text()}`).toBe(200);
    return { ...(await answer.json()), position: answer.headers()["looma-position"] };
  }

  /** Uploads a resume. */
  upload(file: File): Promise<APIResponse> {
    return this.http.post(`${at("gateway")}/api/v1/resumes/import`, {
      multipart: { file },
      headers: { ...this.headers, "idempotency-key": randomUUID() },
    });
  }

  /** Uploads a resume and follows the import to its end. */
  async import(file: File): Promise<Json> {
    const answer = await this.upload(file);
    expect(answer.status(), await answer.text()).toBe(202);
    const location = answer.headers()["location"];
    expect(location).toMatch(/^\/api\/v1\/resumes\/imports\//);
    let state: Json = {};
    await expect
      .poll(async () => ((state = await this.get(location)), state.state), { timeout: 20_000, intervals: [50] })
      .toMatch(/^(done|failed)$/);
    return state;
  }
}

/** Checks that an answer is a problem document (RFC 9457) with one of the statuses. */
export async function expectProblem(answer: APIResponse, ...statuses: number[]): Promise<Json> {
  expect(statuses, await answer.text()).toContain(answer.status());
  expect(answer.headers()["content-type"]).toContain("application/problem+json");
  const problem = await answer.json();
  expect(problem.status).toBe(answer.status());
  expect(problem.title).toBeTruthy();
  return problem;
}
