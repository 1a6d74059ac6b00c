/**
 * The program behind `npm run lab`: starts the origin, every configuration in front of it, and the page that says where they
 * are; stays until it is stopped, and takes everything along. Arguments choose configurations by parts of their names.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { untilStopped } from "../../build/setup/until-stopped.ts";
import type { Configuration, RunningProxy } from "./configuration.ts";
import { configurations } from "./configurations.ts";
import { type Place, page } from "./lab-page.ts";
import { labOrigin } from "./origin.ts";

/** So many come up at a time: Varnish compiles, and the others are quick. */
const atOnce = 4;

const { stopped, dispose } = untilStopped(() => process.exit(130));
process.exitCode = await lab(process.argv.slice(2));
dispose();

async function lab(wanted: readonly string[]): Promise<number> {
  const chosen = configurations.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  if (chosen.length === 0) {
    say(
      `no configuration is called like ${wanted.join(" or ")}; there are ${configurations.map(({ name }) => name).join(", ")}`,
    );
    return 1;
  }
  const origin = await labOrigin();
  const running: RunningProxy[] = [];
  const places: Place[] = [];
  const queue = [...chosen];
  let over = false;
  void stopped.then(() => {
    over = true;
  });
  const helper = async () => {
    for (let next = queue.shift(); next !== undefined && !over; next = queue.shift()) {
      const place = await begun(next, origin.url, running);
      places.push(place);
      say(
        `${place.configuration.name.padEnd(24)} ${place.running?.proxyUrl ?? place.running?.url ?? `left out: ${place.reason}`}`,
      );
    }
  };
  let server: Server | null = null;
  try {
    await Promise.all(Array.from({ length: atOnce }, helper));
    if (!over) {
      const order = (place: Place) => configurations.indexOf(place.configuration);
      server = await serve(
        page(
          origin.url,
          places.toSorted((a, b) => order(a) - order(b)),
        ),
      );
      say(`\n${running.length} of ${chosen.length} stand before the origin ${origin.url}`);
      say(`the page of links: http://127.0.0.1:${(server.address() as AddressInfo).port}/  (Ctrl-C ends everything)`);
    }
    await stopped;
    return 0;
  } finally {
    server?.close();
    server?.closeAllConnections();
    await Promise.allSettled([...running.map((one) => one.stop()), origin.close()]);
  }
}

async function begun(configuration: Configuration, originUrl: string, running: RunningProxy[]): Promise<Place> {
  const missing = await configuration.missing();
  if (missing !== null) return { configuration, running: null, reason: missing };
  try {
    const one = await configuration.start(originUrl);
    running.push(one);
    return { configuration, running: one, reason: "" };
  } catch (error) {
    return { configuration, running: null, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function serve(text: string): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
