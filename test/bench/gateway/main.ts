/**
 * `npm run bench:gateway`: the gateway beside nginx and a direct connection, in one run. Rows go to stdout, as a table or
 * with `--json` as one array; progress goes to stderr. Exit code 1 when a row misses its bar. `--seconds N` shortens it.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gatewayBinary } from "../../../build/gateway.ts";
import { end, type Running } from "../../../build/setup/children.ts";
import { machine } from "../measure.ts";
import { crowdRows } from "./crowd.ts";
import { latencyRows } from "./latency.ts";
import { startGateway, startNginx, startOrigin } from "./processes.ts";
import { type Row, table } from "./rows.ts";

const args = process.argv.slice(2);
const say = (line: string) => void process.stderr.write(`${line}\n`);
const wanted = args.includes("--seconds") ? Number(args[args.indexOf("--seconds") + 1]) : undefined;
if (wanted !== undefined && !(wanted >= 1)) {
  say("--seconds takes a number, 1 or more.");
  process.exit(2);
}

const gateway = await gatewayBinary();
if ("missing" in gateway) {
  say(`bench:gateway is skipped: ${gateway.missing}`);
  process.exit(0);
}
const rows = await measured(gateway.path);
process.stdout.write(
  args.includes("--json")
    ? `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`
    : `${machine()}\n\n${table(rows)}\n`,
);
process.exit(rows.every(({ holds }) => holds !== false) ? 0 : 1);

async function measured(binary: string): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const running: Running[] = [];
  try {
    const origin = await startOrigin();
    running.push(origin.running);
    const nginxFolder = join(folder, "nginx");
    mkdirSync(nginxFolder);
    const hop = await startGateway(binary, folder, origin.port);
    running.push(hop.running);
    const nginx = await startNginx(nginxFolder, origin.port);
    if (nginx !== undefined) running.push(nginx.running);
    const ways = { direct: origin.port, nginx: nginx?.port, gateway: hop.port };
    const latency = await latencyRows(ways, wanted ?? 30, say);
    return [...latency, ...(await crowdRows(origin, hop, wanted ?? 60, say))];
  } finally {
    for (const one of running.reverse()) await end(one);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
