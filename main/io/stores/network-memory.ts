/**
 * What worked: the candidate that proved useful on each network, so that the next attempt there begins with it, and the
 * candidates that were ever open, so that a 404 after a restart in the middle of a deploy is not taken for a typing error.
 * Who stood on the path to each of them is kept likewise. Hints only: losing them costs an attempt. They hold keys (transport and address without query) and no credentials.
 */
import { join } from "node:path";
import type { Code } from "../../../preload/contract.ts";
import type { KnownPath } from "../../core/detection/known-path.ts";
import type { Clock } from "../ports.ts";
import { type KeptPath, maxPaths, pathFrom } from "./kept-path.ts";
import { SafeFile } from "./safe-file.ts";
import { type OpenShelf, plainShelf, recover } from "./shelf.ts";
import { isObject, isObjectText, type Json } from "./strict-json.ts";

export type NetworkMemory = {
  /** The candidate has proved useful on this network. An unnamed network ("") is not remembered. */
  remember(stream: string, network: string, candidateKey: string): void;
  /** What proved useful there within a day, or null. */
  recall(stream: string, network: string): string | null;
  /** What a path showed of itself on this network. An unnamed network is not remembered. */
  notePath(stream: string, network: string, candidateKey: string, path: KnownPath): void;
  /** What it showed there within a day, or null. */
  recallPath(stream: string, network: string, candidateKey: string): KnownPath | null;
  /** The candidate was open. */
  noteWorked(stream: string, candidateKey: string): void;
  /** Candidates that were ever open, oldest first. */
  worked(stream: string): readonly string[];
  forget(stream: string): void;
};

export type NetworkMemoryFile = NetworkMemory & {
  /** For the log; what is lost is no more than a hint, so that nobody needs to be told. */
  readonly problems: readonly Code[];
  /** Writes without holding the main loop; what the timer does. Resolves when it is on disk or has failed. */
  flushLater(): Promise<void>;
  /** Writes what is left and stops the timer. */
  close(): void;
};

/** A network changes within days (a proxy is put in, a firewall opens): what was true yesterday is asked again, ms. */
const validMs = 86_400_000;
/** What a clock may be corrected backwards without costing a hint, ms. Set back further, it costs all of them. */
const backMs = 300_000;
const maxNetworks = 16;
const maxWorked = 32;
/** More than the settings can hold. */
const maxStreams = 256;
/** Addresses longer than this are not remembered. */
const maxKeyChars = 2048;

type Hint = { readonly network: string; readonly candidate: string; readonly at: number };
/** Of one stream, oldest first. */
type Known = { hints: Hint[]; worked: string[]; paths: KeptPath[] };

/** The memory without a file, for the command line and for tests. */
export function createNetworkMemory(clock: Pick<Clock, "utc">): NetworkMemory {
  return memory(clock, new Map(), () => {});
}

/** @param changed is called after every change */
function memory(clock: Pick<Clock, "utc">, streams: Map<string, Known>, changed: () => void): NetworkMemory {
  /** Moves a stream to the newest, and lets the oldest go. */
  const touch = (stream: string): Known => {
    const known = streams.get(stream) ?? { hints: [], worked: [], paths: [] };
    streams.delete(stream);
    streams.set(stream, known);
    const [oldest] = streams.keys();
    if (streams.size > maxStreams && oldest !== undefined) streams.delete(oldest);
    return known;
  };
  const isValid = ({ at }: { readonly at: number }): boolean => {
    const age = clock.utc() - at;
    // A hint from the future was made before the clock was set back: nobody knows how old it is.
    return age >= -backMs && age < validMs;
  };
  return {
    remember(stream, network, candidate) {
      if (network === "" || candidate.length > maxKeyChars) return;
      const known = touch(stream);
      const others = known.hints.filter((hint) => hint.network !== network);
      known.hints = [...others, { network, candidate, at: clock.utc() }].slice(-maxNetworks);
      changed();
    },
    recall(stream, network) {
      const hint = streams.get(stream)?.hints.find((one) => one.network === network);
      return hint !== undefined && isValid(hint) ? hint.candidate : null;
    },
    notePath(stream, network, candidate, path) {
      if (network === "" || candidate.length > maxKeyChars) return;
      const known = touch(stream);
      const others = known.paths.filter((one) => one.network !== network || one.candidate !== candidate);
      known.paths = [...others, { network, candidate, at: clock.utc(), ...path }].slice(-maxPaths);
      changed();
    },
    recallPath(stream, network, candidate) {
      const kept = streams.get(stream)?.paths ?? [];
      const path = kept.find((one) => one.network === network && one.candidate === candidate);
      return path !== undefined && isValid(path) ? { hops: path.hops, idleCutMs: path.idleCutMs } : null;
    },
    noteWorked(stream, candidate) {
      if (candidate.length > maxKeyChars || streams.get(stream)?.worked.includes(candidate)) return;
      const known = touch(stream);
      known.worked = [...known.worked, candidate].slice(-maxWorked);
      changed();
    },
    worked: (stream) => streams.get(stream)?.worked ?? [],
    forget(stream) {
      if (streams.delete(stream)) changed();
    },
  };
}

const fileName = "network-memory.json";
const version = 1;
/** Everything at its limits, with addresses of a common length ten times over. */
const maxBytes = 8 * 1024 * 1024;
/** A crash costs the hints of this time. */
const flushAfterMs = 10_000;

/** The memory over restarts. A damaged file is set aside, a newer version's is read and never written. */
export function openNetworkMemory(options: { dir: string; clock: Clock; shelf?: OpenShelf }): NetworkMemoryFile {
  const { dir, clock } = options;
  const file = new SafeFile(join(dir, fileName), isObjectText, maxBytes);
  const { shelf, value, problems } = recover(
    file,
    "network-memory",
    fileName,
    clock.utc(),
    options.shelf ?? plainShelf,
  );
  const stored = shelf?.read() ?? value;
  const newer = typeof stored["version"] === "number" && stored["version"] > version;
  if (newer) problems.push({ code: "network-memory-newer", params: { path: fileName } });
  const writable = newer ? null : shelf;
  const streams = unpack(stored);
  let dirty = false;
  let trouble: string | null = null;
  let stop: (() => void) | null = null;
  const flushLater = async (): Promise<void> => {
    stop?.();
    stop = null;
    if (!dirty || writable === null) return;
    dirty = false;
    trouble = await writable.writeLater(pack(streams));
    // Not tried again before the next change: a hint is not worth a disk that fails every ten seconds.
    dirty ||= trouble !== null;
  };
  const changed = (): void => {
    dirty = true;
    stop ??= clock.after(flushAfterMs, () => void flushLater());
  };
  return {
    ...memory(clock, streams, changed),
    flushLater,
    close() {
      stop?.();
      stop = null;
      if (dirty && writable !== null) trouble = writable.write(pack(streams));
      dirty = false;
    },
    get problems() {
      if (trouble === null) return problems;
      return [...problems, { code: "network-memory-not-saved", params: { path: fileName, reason: trouble } }];
    },
  };
}

/** Lists, not objects with names of networks: an object puts names that look like numbers first, and the order is the age. */
function pack(streams: ReadonlyMap<string, Known>): Json {
  const all = [...streams].map(([stream, { hints, worked, paths }]) => ({ stream, hints, worked, paths }));
  return { version, streams: all };
}

/** Takes what is as it should be and leaves the rest: a wrong value costs only that value. */
function unpack(stored: Json): Map<string, Known> {
  const isKey = (value: unknown): value is string => typeof value === "string" && value.length <= maxKeyChars;
  const isHint = (value: unknown): value is Hint =>
    isObject(value) && isKey(value["network"]) && isKey(value["candidate"]) && typeof value["at"] === "number";
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const streams = list(stored["streams"]).filter(isObject);
  const known = streams.flatMap(({ stream, hints, worked, paths }): [string, Known][] =>
    isKey(stream)
      ? [
          [
            stream,
            {
              hints: list(hints)
                .filter(isHint)
                .map(({ network, candidate, at }) => ({ network, candidate, at }))
                .slice(-maxNetworks),
              worked: list(worked).filter(isKey).slice(-maxWorked),
              paths: list(paths).flatMap(pathFrom).slice(-maxPaths),
            },
          ],
        ]
      : [],
  );
  return new Map(known.slice(-maxStreams));
}
