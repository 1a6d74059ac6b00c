/** `demo`: the embedded server on its own, with its fault knobs, until it is asked to stop. */
import { type DemoOptions, type Faults, faultNames, startDemoServer } from "../io/demo/demo-server.ts";
import { CliError, parse, whole } from "./arguments.ts";

export const demoUsage = `demo [--port P] [--rate HZ] [--fault NAME=VALUE]…
      faults: ${faultNames.join(", ")}`;

const options = {
  port: { type: "string" },
  rate: { type: "string" },
  fault: { type: "string", multiple: true },
} as const;

const defaultPort = 6687;

/** @throws CliError naming the argument that is wrong */
export function planDemo(args: readonly string[]): DemoOptions {
  const { values, positionals } = parse(args, options, demoUsage);
  if (positionals.length > 0) throw new CliError(`demo: "${positionals[0]}" is not an option`, demoUsage);
  const rateHz = Number(values.rate ?? "1");
  if (!(rateHz > 0 && rateHz <= 100_000)) {
    throw new CliError(`--rate "${values.rate}": wants events a second, more than 0 and at most 100000`);
  }
  const port = whole("--port", values.port, 0, 65_535, "a port") ?? defaultPort;
  return { port, rateHz, faults: Object.assign({}, ...(values.fault ?? []).map(faultOf)) as Faults };
}

/** Where not every number makes sense. A status below 200 is no final answer. */
const ranges: Partial<Record<keyof Faults, readonly [min: number, max: number]>> = {
  status: [200, 999],
  "no-heartbeat": [1, 1],
};

function faultOf(text: string): Partial<Record<keyof Faults, number>> {
  const [name = "", value] = text.split("=", 2);
  const known = faultNames.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new CliError(`--fault "${text}": no fault is called "${name}"; there are ${faultNames.join(", ")}`);
  }
  // A switch needs no value: `--fault no-heartbeat`.
  const given = value ?? (known === "no-heartbeat" ? "1" : "");
  const [min, max] = ranges[known] ?? [1, 1_000_000_000];
  return { [known]: whole(`--fault ${name}`, given, min, max, "a value") };
}

/** Serves until stopped; prints its address once. @throws CliError when the port cannot be had */
export async function demo(plan: DemoOptions, print: (line: string) => void, stopped: AbortSignal): Promise<number> {
  const server = await startDemoServer(plan).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") throw new CliError(`--port ${plan.port}: another program listens there`);
    if (error.code === "EACCES") throw new CliError(`--port ${plan.port}: only root may listen there`);
    throw error;
  });
  print(JSON.stringify({ kind: "listening", url: server.url }));
  await new Promise<void>((resolve) => {
    if (stopped.aborted) resolve();
    else stopped.addEventListener("abort", () => resolve());
  });
  await server.close();
  return 0;
}
