/**
 * How both transports reach a server: undici's connector with keep-alive, which also hands out the socket that it makes. What
 * still connects is nobody's yet, and whoever gives up must be able to end it. Deadlines are the machine's.
 */
import { buildConnector } from "undici";

/** Half-open links are found in 20 s with this, in 70 s with undici's default (measured), ms. */
export const keepAliveInitialDelay = 10_000;

export type Destroyable = { destroy(): void };

/** @param made told of each socket at once; `connected` of TCP and TLS being through */
export function keepAliveConnector(
  made: (socket: Destroyable) => void,
  connected: () => void,
): buildConnector.connector {
  const connect = buildConnector({ timeout: 0, keepAlive: true, keepAliveInitialDelay });
  return (options, callback) => {
    const socket = connect(options, (...result) => {
      if (result[0] === null) connected();
      callback(...result);
    }) as unknown;
    // undici's connector returns the socket it makes, though its types do not say so.
    if (isDestroyable(socket)) made(socket);
  };
}

function isDestroyable(value: unknown): value is Destroyable {
  return typeof value === "object" && value !== null && "destroy" in value;
}
