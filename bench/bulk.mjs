/**
 * How long it takes until people that come in bulk are in every projection: `node bench/bulk.mjs [--people N]`. Prints lines
 * that bench/engines.mjs puts side by side. Roles whose engines `LOOMA_TEST_…` name are on those, the others embedded.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Api, at } from "./api.mjs";
import { person } from "./fill.mjs";
import { inParallel } from "./timing.mjs";

const BIN = process.env.LOOMA_BIN;
const ADMIN = { email: "bench@looma.example", password: "a-long-bench-password" };
const ENGINES = ["POSTGRES", "MONGODB", "S3", "REDIS", "NEO4J", "ELASTICSEARCH", "WEAVIATE"];
const AT_ONCE = 500;
const { values: options } = parseArgs({ options: { people: { type: "string", default: "100000" } } });
const people = Number(options.people);

const row = (what, value, unit) => console.log(`${what.padEnd(44)} ${value.toFixed(2).padStart(9)} ${unit}`);

const data = mkdtempSync(join(tmpdir(), "looma-bulk-"));
const running = spawn(BIN, ["up", "--data", data], { env: { ...process.env, ...settings() }, stdio: ["ignore", "ignore", "inherit"] });
let ended = false;
running.on("exit", () => (ended = true));
try {
  await until("the system is ready", 120_000, () => fetch(`${at("gateway")}/health/ready`).then((answer) => answer.ok, () => false));
  const api = await Api.signIn(ADMIN);
  const began = performance.now();
  let last = 0;
  await inParallel(Math.ceil(people / AT_ONCE), 4, async (batch) => {
    const numbers = Array.from({ length: Math.min(AT_ONCE, people - batch * AT_ONCE) }, (_, place) => batch * AT_ONCE + place);
    const { position } = await api.create("gateway", "/api/v1/people/bulk", { people: numbers.map((number) => person(number).record) });
    last = Math.max(last, Number(position));
  });
  row(`${people} people in bulk, written`, (performance.now() - began) / 1000, "s");
  // Rarely, since saying where they stand is work for the engines too.
  await until("the projections are current", 3_600_000, () => current(last), { every: 1_000 });
  row(`${people} people in bulk, projections current`, (performance.now() - began) / 1000, "s");
} finally {
  running.kill("SIGTERM");
  await until("the system ends", 60_000, () => ended, { evenEnded: true });
  rmSync(data, { recursive: true, force: true });
}

function settings() {
  const all = {
    LOOMA_ADMIN_EMAIL: ADMIN.email,
    LOOMA_ADMIN_PASSWORD: ADMIN.password,
    LOOMA__LOG__LEVEL: "warn",
    LOOMA__BACKUP__EVERY_HOURS: "0",
    LOOMA__GATEWAY__RATE_LIMIT_PER_SECOND: "1000000",
    LOOMA__GATEWAY__RATE_LIMIT_BURST: "1000000",
  };
  for (const engine of ENGINES.filter((name) => process.env[`LOOMA_TEST_${name}`])) {
    all[`LOOMA__STORES__${engine}__URL`] = process.env[`LOOMA_TEST_${engine}`];
    all[`LOOMA__STORES__${engine}__NAMESPACE`] = `bulk${process.pid}`;
  }
  return all;
}

/** Whether every projection has everything up to a position. */
async function current(last) {
  const text = await fetch(`${at("relationship")}/metrics`).then((answer) => answer.text());
  const positions = [...text.matchAll(/^looma_projection_position\{[^}]*\} (\d+)/gm)].map(([, position]) => Number(position));
  return positions.length === 3 && positions.every((position) => position >= last);
}

async function until(what, limit, condition, { every = 50, evenEnded = false } = {}) {
  const end = performance.now() + limit;
  while (!(await condition())) {
    if (ended && !evenEnded) throw new Error("looma ended; run `looma up` to see why");
    if (performance.now() > end) throw new Error(`not within ${limit / 1000} s: ${what}`);
    await new Promise((done) => setTimeout(done, every));
  }
}
