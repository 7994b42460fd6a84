/**
 * Starts the real binary on its real ports with an empty data folder, and ends it after the last test.
 * With LOOMA_RUNNING=1 the tests use a system that somebody else has started.
 */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ADMIN, at, SERVICES, type Service } from "./ports.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

export default async function start() {
  if (process.env.LOOMA_RUNNING === "1") return;
  await refuseTakenPorts();

  const data = mkdtempSync(join(tmpdir(), "looma-end2end-"));
  const results = join(ROOT, "end2end/test-results");
  mkdirSync(results, { recursive: true });
  const log = createWriteStream(join(results, "looma.log"));
  const looma = spawn(binary(), ["up", "--data", data], {
    cwd: ROOT,
    env: { ...process.env, LOOMA_ADMIN_EMAIL: ADMIN.email, LOOMA_ADMIN_PASSWORD: ADMIN.password },
    stdio: ["ignore", "pipe", "pipe"],
  });
  looma.stdout.pipe(log);
  looma.stderr.pipe(log);
  let ended: string | undefined;
  const exit = new Promise<number | null>((done) => {
    looma.on("error", (error) => (ended = error.message));
    looma.on("exit", (code, signal) => {
      ended = `exit code ${code ?? signal}`;
      done(code);
    });
  });

  const stop = async () => {
    looma.kill("SIGTERM");
    const late = new Promise<"late">((done) => setTimeout(() => done("late"), STOP_LIMIT_MS).unref());
    const code = await Promise.race([exit, late]);
    if (code === "late") looma.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
    if (code !== 0) throw new Error(`looma did not end cleanly on SIGTERM: ${code}`);
  };

  const began = Date.now();
  for (const service of Object.keys(SERVICES) as Service[]) {
    while (!(await isReady(service))) {
      if (ended) throw new Error(`looma did not start: ${ended}; see end2end/test-results/looma.log`);
      if (Date.now() - began > START_LIMIT_MS) {
        looma.kill("SIGKILL");
        throw new Error(`${service} was not ready after ${START_LIMIT_MS} ms; see end2end/test-results/looma.log`);
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  return stop;
}

function binary(): string {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const path = process.env.LOOMA_BIN ?? join(target, "release/looma");
  if (!existsSync(path)) throw new Error(`${path} is missing; build it with \`make build\``);
  return path;
}

async function isReady(service: Service): Promise<boolean> {
  try {
    return (await fetch(`${at(service)}/health/ready`)).ok;
  } catch {
    return false;
  }
}

async function refuseTakenPorts() {
  for (const service of Object.keys(SERVICES) as Service[]) {
    const taken = await fetch(`${at(service)}/health/live`).then(() => true, () => false);
    if (taken) throw new Error(`port ${SERVICES[service]} is taken; stop what runs there (\`looma down\`) and try again`);
  }
}
