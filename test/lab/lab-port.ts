/**
 * Ports for programs that cannot choose one themselves. They lie below what the system gives to outgoing connections
 * (32768–60999 on Linux), so that between the choice and the start nobody gets the same one by chance.
 */
import { createServer } from "node:net";

const [lowest, highest] = [15_000, 32_000];
const given = new Set<number>();

/** A port of 127.0.0.1 that is free now and was not given before by this process. */
export async function labPort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port between ${lowest} and ${highest}`);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
