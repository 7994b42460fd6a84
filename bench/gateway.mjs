/**
 * What the gateway adds to a request, beside nginx and HAProxy as plain proxies to the same upstream. Each proxy has one core of
 * its own; the upstream and the load share another. The load is open: so many requests a second, whether answered or not,
 * and latency counts from when a request was due. Ours checks the token, limits the rate, counts and writes its access log; the
 * others do none of these.
 */
import { spawn, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BIN = process.env.LOOMA_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "release/looma");
const RATES = (process.env.LOOMA_BENCH_RATES ?? "500,1000,2000,4000,8000,12000,16000").split(",").map(Number);
const SECONDS = Number(process.env.LOOMA_BENCH_SECONDS ?? 8);
const CONNECTIONS = 64;
const ADMIN = { email: "bench@looma.example", password: "a-long-bench-password" };
const UPSTREAM = 9911;
const PATH_ASKED = "/api/v1/jobs?limit=1";
/** The proxies' core, and that of the load and the upstream. */
const [PROXY, LOAD] = ["0", "1"];

const work = mkdtempSync(join(tmpdir(), "looma-bench-gateway-"));
const running = [];
try {
  await main();
} finally {
  for (const { child } of running.reverse()) child.kill("SIGTERM");
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(work, { recursive: true, force: true });
}

async function main() {
  begin("upstream", LOAD, "nginx", ["-c", nginx("upstream", UPSTREAM, `return 200 '${JSON.stringify({ items: [], next_cursor: null })}';`)]);
  begin("nginx", PROXY, "nginx", ["-c", nginx("nginx", 9912, "proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection '';")]);
  begin("haproxy", PROXY, "haproxy", ["-db", "-f", haproxy(9913)]);
  const env = {
    LOOMA_ADMIN_EMAIL: ADMIN.email,
    LOOMA_ADMIN_PASSWORD: ADMIN.password,
    LOOMA__GATEWAY__RATE_LIMIT_PER_SECOND: "1000000",
    LOOMA__GATEWAY__RATE_LIMIT_BURST: "1000000",
    LOOMA__SERVICES__JOB__URL: `http://127.0.0.1:${UPSTREAM}`,
    LOOMA__LOG__FORMAT: "json",
  };
  begin("user", LOAD, BIN, ["serve", "user", "--data", join(work, "user")], env);
  begin("gateway", PROXY, BIN, ["serve", "gateway", "--data", join(work, "gateway")], env);
  await Promise.all([9000, 9001].map((port) => until(`http://127.0.0.1:${port}/health/live`)));
  await Promise.all([UPSTREAM, 9912, 9913].map((port) => until(`http://127.0.0.1:${port}/`)));
  const login = await fetch("http://127.0.0.1:9001/api/v1/users/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(ADMIN),
  });
  if (!login.ok) throw new Error(`login: ${login.status} ${await login.text()}`);
  const { access_token: token } = await login.json();

  const ways = [
    { name: "direct", port: UPSTREAM },
    { name: "nginx", port: 9912 },
    { name: "haproxy", port: 9913 },
    { name: "gateway", port: 9000 },
  ];
  for (const way of ways) load(way.port, 200, 2, token);
  const figures = [];
  console.log("requests/s  way       achieved     p50 ms     p99 ms   p99.9 ms   CPU µs/request");
  for (const rate of RATES) {
    for (const way of ways) {
      const before = way.name === "direct" ? 0 : cpu(way.name);
      const seen = load(way.port, rate, SECONDS, token);
      const used = way.name === "direct" ? undefined : ((cpu(way.name) - before) * 1e6) / seen.requests;
      figures.push({ rate, way: way.name, ...seen, ...(used === undefined ? {} : { cpu_us: used }) });
      console.log(
        `${String(rate).padStart(10)}  ${way.name.padEnd(8)}  ${seen.achieved.toFixed(0).padStart(8)} ` +
          [seen.p50, seen.p99, seen.p999].map((ms) => ms.toFixed(3).padStart(10)).join(" ") +
          (used === undefined ? "" : `   ${used.toFixed(0).padStart(14)}`),
      );
    }
  }
  mkdirSync(join(ROOT, "bench"), { recursive: true });
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model };
  const result = { at: new Date().toISOString(), machine, seconds: SECONDS, connections: CONNECTIONS, figures };
  writeFileSync(join(ROOT, "bench/gateway.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log("\nwritten to bench/gateway.json");
}

/** Starts a program on one core. */
function begin(name, core, program, args, env = {}) {
  const log = openSync(join(work, `${name}.log`), "w");
  const child = spawn("taskset", ["-c", core, program, ...args], { cwd: ROOT, env: { ...process.env, ...env }, stdio: ["ignore", log, log] });
  const ended = new Promise((done) => child.once("exit", done));
  ended.then((code) => code && console.error(readFileSync(join(work, `${name}.log`), "utf8").slice(-2000)));
  running.push({ name, child, ended });
}

/** So many requests a second; throws where an answer is no success. */
function load(port, rate, seconds, token) {
  const args = ["-z", `${seconds}s`, "-q", String(rate), "-c", String(CONNECTIONS), "--latency-correction", "--no-tui", "--output-format", "json",
    "-H", `authorization: Bearer ${token}`, `http://127.0.0.1:${port}${PATH_ASKED}`];
  const told = JSON.parse(execFileSync("taskset", ["-c", LOAD, "oha", ...args], { encoding: "utf8", maxBuffer: 1 << 28 }));
  const codes = told.statusCodeDistribution;
  const requests = Object.values(codes).reduce((sum, count) => sum + count, 0);
  if (requests === 0 || Object.keys(codes).some((code) => code !== "200")) throw new Error(`port ${port}: ${JSON.stringify(codes)}`);
  const ms = (p) => told.latencyPercentiles[p] * 1000;
  return { requests, achieved: requests / told.summary.total, p50: ms("p50"), p99: ms("p99"), p999: ms("p99.9") };
}

/** Seconds of CPU that a program and its children have used. */
function cpu(name) {
  const { child } = running.find((one) => one.name === name);
  const ticks = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  const processes = readdirSync("/proc").filter((id) => /^\d+$/.test(id)).flatMap((id) => {
    try {
      const fields = readFileSync(`/proc/${id}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
      return [{ id: Number(id), parent: Number(fields[1]), used: Number(fields[11]) + Number(fields[12]) }];
    } catch {
      return [];
    }
  });
  const own = processes.filter(({ id, parent }) => id === child.pid || parent === child.pid);
  return own.reduce((sum, { used }) => sum + used, 0) / ticks;
}

async function until(url) {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    if (await fetch(url).then((answer) => answer.status < 600, () => false)) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`${url} did not answer within 30 s`);
}

function nginx(name, port, location) {
  const file = join(work, `${name}.conf`);
  writeFileSync(file, `
daemon off; worker_processes 1; pid ${work}/${name}.pid; error_log stderr warn;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; default_type application/json;
  client_body_temp_path ${work}/${name}-body; proxy_temp_path ${work}/${name}-proxy; fastcgi_temp_path ${work}/${name}-f;
  uwsgi_temp_path ${work}/${name}-u; scgi_temp_path ${work}/${name}-s;
  upstream up { server 127.0.0.1:${UPSTREAM}; keepalive 256; }
  server { listen 127.0.0.1:${port} reuseport; location / { ${location} } }
}
`);
  return file;
}

function haproxy(port) {
  const file = join(work, "haproxy.cfg");
  writeFileSync(file, `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  http-reuse always
frontend door
  bind 127.0.0.1:${port}
  default_backend up
backend up
  server one 127.0.0.1:${UPSTREAM}
`);
  return file;
}
