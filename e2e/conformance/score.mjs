// Scores what one run of a suite has written, and holds it against a baseline.
//
//   score.mjs RESULTS BASELINE [REQUIREMENTS]
//
// It prints how many scored scenarios passed, of how many, and the same of those that the suite runs without scoring
// them. It fails when something failed or warned that the baseline does not name, or passed though the baseline names it.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const [results, baselineFile, requirementsFile] = process.argv.slice(2);
const baseline = parse(readFileSync(baselineFile, "utf8"));
const scored = requirementsFile && new Set(parse(readFileSync(requirementsFile, "utf8")).server);

// The baseline names scenarios, or single checks of them as scenario:check.
const expected = new Map();
for (const entry of [...baseline.server, ...baseline.unscored]) {
  const [scenario, check] = entry.split(":");
  expected.set(scenario, [...(expected.get(scenario) ?? []), check]);
}

const count = { scored: [0, 0], unscored: [0, 0] };
const faults = [];
for (const folder of readdirSync(results).sort()) {
  const scenario = folder.match(/^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/)?.[1];
  if (!scenario) continue;
  const checks = JSON.parse(readFileSync(join(results, folder, "checks.json"), "utf8"));
  const bad = new Map(
    checks.filter(({ status }) => ["FAILURE", "WARNING"].includes(status)).map((check) => [check.id, check]),
  );
  const kind = !scored || scored.has(scenario) ? "scored" : "unscored";
  count[kind][0] += bad.size === 0;
  count[kind][1]++;
  const names = expected.get(scenario) ?? [];
  if (names.includes(undefined)) {
    if (bad.size === 0) faults.push(`${scenario} passes, though the baseline says that it does not`);
    continue;
  }
  for (const [id, check] of bad) {
    if (!names.includes(id)) faults.push(`${scenario}: ${id}: ${check.errorMessage ?? check.status}`);
  }
  for (const id of names) {
    if (!bad.has(id)) faults.push(`${scenario}: ${id} passes, though the baseline says that it does not`);
  }
}

// A scenario that was not run has not passed.
for (const scenario of scored ?? []) {
  if (!readdirSync(results).some((folder) => folder.startsWith(`server-${scenario}-`))) faults.push(`${scenario} was not run`);
}
if (count.scored[1] === 0) faults.push("nothing was run");

for (const fault of faults) console.error(fault);
console.log([count.scored, count.unscored].map(([passed, all]) => (all ? `${passed}/${all}` : "-")).join("\t"));
process.exitCode = faults.length ? 1 : 0;
