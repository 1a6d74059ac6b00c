/** `npm run sim:mutants`: a table of mutants, the sentence that each broke and the seeds it took; 1 when one survives. */
import { hunt, table } from "./hunt.ts";
import { mutants } from "./mutants.ts";

const wanted = process.argv.slice(2);
const chosen = mutants.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
const hunted = chosen.map(hunt);
const survivors = hunted.filter(({ caughtBy }) => caughtBy === null);
process.stdout.write(`${table(hunted)}\n${hunted.length - survivors.length} of ${hunted.length} caught\n`);
process.exitCode = survivors.length === 0 && hunted.length > 0 ? 0 : 1;
