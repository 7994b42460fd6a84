/** Two runs of the stores' measure side by side: `node bench/engines.mjs EMBEDDED.txt ENGINES.txt`. */
import { readFileSync, writeFileSync } from "node:fs";

const read = (file) =>
  new Map(
    readFileSync(file, "utf8")
      .split("\n")
      .map((line) => /^(.+?)\s+([\d.]+) (ms|MiB)$/.exec(line))
      .filter(Boolean)
      .map(([, what, value, unit]) => [what, { value: Number(value), unit }]),
  );

const [embedded, engines] = process.argv.slice(2).map(read);
if (!embedded?.size || !engines?.size) throw new Error("a run has no figures");
const number = (figure) => (figure ? figure.value.toFixed(2) : "").padStart(12);
console.log(`${"".padEnd(44)}${"embedded".padStart(12)}${"engines".padStart(12)}`);
for (const [what, figure] of embedded) {
  console.log(`${what.padEnd(44)}${number(figure)}${number(engines.get(what))} ${figure.unit}`);
}
const figures = Object.fromEntries([...embedded].map(([what, figure]) => [what, { unit: figure.unit, embedded: figure.value, engines: engines.get(what)?.value }]));
writeFileSync("bench/engines.json", `${JSON.stringify({ people: Number(process.env.LOOMA_MEASURE_PEOPLE ?? 10_000), figures }, null, 2)}\n`);
