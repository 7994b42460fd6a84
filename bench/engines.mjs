/** Two runs of the stores' measure side by side: `node bench/engines.mjs EMBEDDED.txt ENGINES.txt`. */
import { readFileSync, writeFileSync } from "node:fs";

const read = (file) =>
  new Map(
    readFileSync(file, "utf8")
      .split("\n")
      .map((line) => /^(.+?)\s+([\d.]+) (ms|s|MiB|\/s|connections|answers)$/.exec(line))
      .filter(Boolean)
      .map(([, what, value, unit]) => [what, { value: Number(value), unit }]),
  );

const [embedded, engines] = process.argv.slice(2).map(read);
if (!embedded?.size || !engines?.size) throw new Error("a run has no figures");
const number = (figure) => (figure ? figure.value.toFixed(2) : "").padStart(12);
console.log(`${"".padEnd(44)}${"embedded".padStart(12)}${"engines".padStart(12)}`);
// Some figures are there on engines alone; those of both runs are in the order of the second.
const all = [...engines].map(([what, { unit, value }]) => [what, { unit, embedded: embedded.get(what)?.value, engines: value }]);
for (const [what, { unit }] of all) {
  console.log(`${what.padEnd(44)}${number(embedded.get(what))}${number(engines.get(what))} ${unit}`);
}
const figures = Object.fromEntries(all);
writeFileSync("bench/engines.json", `${JSON.stringify({ people: Number(process.env.LOOMA_MEASURE_PEOPLE ?? 10_000), figures }, null, 2)}\n`);
