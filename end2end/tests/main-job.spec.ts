/** The main job from outside, over HTTP only: resumes in; matches with reasons, search hits and a path out. */
import { expect, request, test } from "@playwright/test";
import { randomUUID } from "node:crypto";
import { Client, expectProblem, type Json } from "../support/client.js";
import { ADMIN, at } from "../support/ports.js";
import { chineseResume, pdfResume } from "../support/resumes.mjs";

// Each step builds on the one before it.
test.describe.configure({ mode: "serial" });

const tag = randomUUID().slice(0, 8);
let client: Client;
let imported: Json;
let company: Json;
let job: Json;

test.beforeAll(async () => {
  client = await Client.signIn(await request.newContext());
});

test("a PDF resume becomes a person with a sourced resume", async () => {
  const name = "Ottilie Brandt";
  const state = await client.import(pdfResume({ name, email: `ottilie.${tag}@mail.example` }));
  expect(state).toMatchObject({ state: "done", progress: 1 });
  imported = await client.get(`/api/v1/resumes/${state.resume_id}`);
  expect(imported.content.basics.name).toBe(name);
  expect(imported.content.work[0].name).toContain("Northwind Analytics");
  expect(imported.content.education[0].institution).toContain("Technical University of Munich");
  const sources = Object.values(imported.provenance) as Json[];
  expect(sources.some((source) => source.quote?.includes("Northwind Analytics"))).toBe(true);
  expect(await client.get(`/api/v1/people/${state.person_id}`)).toMatchObject({ name });
});

test("a Chinese resume in JSON is imported too", async () => {
  const state = await client.import(chineseResume("林晓彤", `lin.${tag}@mail.example`));
  expect(state.state, JSON.stringify(state)).toBe("done");
  expect(await client.get(`/api/v1/people/${state.person_id}`)).toMatchObject({ name: "林晓彤" });
});

test("a job is drafted and published", async () => {
  company = await client.create("/api/v1/companies", { name: `Harbour ${tag}`, industry: "software" });
  job = await client.create("/api/v1/jobs", {
    title: `Data platform engineer ${tag}`,
    company_id: company.id,
    description: "Builds streaming services in Rust and Python.",
    skills: [
      { name: "Rust", required: true },
      { name: "Fortran", required: false },
    ],
    openings: 1,
  });
  expect(job.status).toBe("draft");
  job = await client.act(`/api/v1/jobs/${job.id}/publish`);
  expect(job.status).toBe("published");
  expect(job.position).toBeTruthy();
});

test("the person matches the job, with quoted reasons and what is missing", async () => {
  const path = `/api/v1/jobs/${job.id}/matches?limit=20&wait_for=${job.position}`;
  const { items } = await client.get(path);
  const match = items.find((item: Json) => item.resume_id === imported.id);
  expect(match, JSON.stringify(items)).toBeTruthy();
  expect(match.score).toBeGreaterThan(0);
  expect(match.score).toBeLessThanOrEqual(1);
  const quotes = match.reasons.flatMap((reason: Json) => reason.evidence.map((evidence: Json) => evidence.quote));
  expect(quotes.some((quote: string) => quote.includes("Rust"))).toBe(true);
  expect(match.missing).toContain("Fortran");
  expect((await client.get(path)).items, "the same question has the same answer").toEqual(items);
});

test("the person applies and moves along the pipeline", async () => {
  const application = await client.create("/api/v1/applications", { job_id: job.id, person_id: imported.person_id });
  const pipelines = await client.get("/api/v1/pipelines");
  const next = pipelines.items[0].stages.find((stage: Json) => stage.key !== application.stage && !stage.terminal);
  const moved = await client.act(`/api/v1/applications/${application.id}/move`, { stage: next.key, note: "Good talk" });
  expect(moved.stage).toBe(next.key);
  expect(moved.history.at(-1)).toMatchObject({ from: application.stage, to: next.key, note: "Good talk" });
});

test("search finds what was just written, in both languages", async () => {
  const query = `/api/v1/search?q=${tag}&type=job,company&mode=text&wait_for=${job.position}`;
  const found = (await client.get(query)).items.map((item: Json) => item.ref.id);
  expect(found).toEqual(expect.arrayContaining([job.id, company.id]));
  const chinese = await client.get(`/api/v1/search?q=${encodeURIComponent("机器学习")}&mode=text&wait_for=${job.position}`);
  expect(JSON.stringify(chinese.items)).toContain("林晓彤");
});

test("an introduction path leads through the person in between", async () => {
  const friend = await client.create("/api/v1/people", { name: `Bruno Keller ${tag}` });
  const person = (id: string) => ({ type: "person", id });
  await client.create("/api/v1/relationships", { from: person(imported.person_id), to: person(friend.id), kind: "worked_with" });
  const { position } = await client.create("/api/v1/relationships", {
    from: person(friend.id),
    to: { type: "company", id: company.id },
    kind: "employed_by",
  });
  const { items } = await client.get(
    `/api/v1/relationships/paths?from=person:${imported.person_id}&to=company:${company.id}&max_hops=4&wait_for=${position}`,
  );
  expect(items[0].hops.map((hop: Json) => hop.ref.id)).toEqual([imported.person_id, friend.id, company.id]);
});

test("a phone gets what has changed", async () => {
  const seen: string[] = [];
  let page = await client.get(`${at("mobile")}/m/v1/sync`);
  for (let pages = 0; pages < 50; pages++) {
    seen.push(JSON.stringify(page));
    if (seen.at(-1)!.includes(imported.person_id)) break;
    const cursor = page.next_cursor ?? page.cursor;
    if (!cursor) break;
    page = await client.get(`${at("mobile")}/m/v1/sync?since=${encodeURIComponent(cursor)}`);
  }
  expect(seen.join()).toContain(imported.person_id);
});

test("a file that is no resume fails with a reason", async () => {
  const answer = await client.upload({ name: "broken.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 not one") });
  if (answer.status() !== 202) return void (await expectProblem(answer, 400, 415, 422));
  let state: Json = {};
  await expect.poll(async () => (state = await client.get(answer.headers()["location"])).state).toBe("failed");
  expect(state.problem.title).toBeTruthy();
  expect(state.resume_id ?? null).toBeNull();
});

test("the same write sent twice is done once", async () => {
  const key = { "idempotency-key": randomUUID() };
  const first = await client.send("POST", "/api/v1/people", { name: `Twice ${tag}` }, key);
  const second = await client.send("POST", "/api/v1/people", { name: `Twice ${tag}` }, key);
  expect(first.status()).toBe(201);
  expect((await second.json()).id).toBe((await first.json()).id);
});

test("a stale change is refused", async () => {
  const person = await client.create("/api/v1/people", { name: `Stale ${tag}` });
  const path = `/api/v1/people/${person.id}`;
  const etag = (await client.send("GET", path)).headers()["etag"];
  expect((await client.send("PUT", path, { name: "First" }, { "if-match": etag })).status()).toBe(200);
  await expectProblem(await client.send("PUT", path, { name: "Second" }, { "if-match": etag }), 412);
});

test("wrong requests get a problem that says what is wrong", async ({ request }) => {
  await expectProblem(await request.get(`${at("gateway")}/api/v1/people`), 401);
  await expectProblem(await request.get(`${at("relationship")}/api/v1/people`), 401);
  const login = { ...ADMIN, password: "not the password" };
  await expectProblem(await request.post(`${at("gateway")}/api/v1/users/login`, { data: login }), 401);
  await expectProblem(await client.send("GET", "/api/v1/no-such-thing"), 404);
  await expectProblem(await client.send("GET", `/api/v1/people/${randomUUID()}`), 404);
  const json = { "content-type": "application/json" };
  await expectProblem(await client.send("POST", "/api/v1/people", Buffer.from("{"), json), 400, 422);
  const invalid = await expectProblem(await client.send("POST", "/api/v1/people", { name: "" }), 400, 422);
  expect(invalid.errors[0].pointer).toBe("/name");
  await expectProblem(await client.send("POST", `/api/v1/jobs/${job.id}/publish`, {}), 409);
});
