/**
 * A bridge without a main process: the whole contract over scripted data, for tests and pictures. Answers at once; `tail` waits like
 * main does. What the window called is kept in `calls`.
 */
import type {
  AppView,
  Bridge,
  Code,
  DiagnosisView,
  Exported,
  Exporting,
  FieldError,
  Filter,
  Imported,
  Importing,
  Outcome,
  Row,
  SettingsView,
  StreamView,
  Tail,
} from "../../preload/contract.ts";
import { resolveLocale } from "../../preload/words.ts";
import { fakeDetail, fakeHistory, fakeKeeping, fakeRows, fakeSettings, fakeStreams, fakeSummary } from "./fake-data.ts";
import { type FakeDiagnosis, fakeDiagnoses, fakeReport } from "./fake-diagnosis.ts";

export type FakeOptions = {
  locale?: "en" | "zh-CN";
  theme?: "light" | "dark";
  now?: number;
  /** How many rows the first stream has. */
  rows?: number;
  empty?: boolean;
  app?: Partial<AppView>;
  /** While true, a search finds 500 rows more with each answer, the newest first. */
  searching?: boolean;
  /** Rows at the end that are not indexed yet: they are searched all the same. */
  behind?: number;
  /** The last diagnosis; none without it. */
  diagnosis?: FakeDiagnosis;
};

type Listeners<T> = Set<(value: T) => void>;

function subscribable<T>(): { listeners: Listeners<T>; on: (listener: (value: T) => void) => () => void } {
  const listeners: Listeners<T> = new Set();
  return {
    listeners,
    on: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const ok = <T>(value: T): Promise<Outcome<T>> => Promise.resolve({ ok: true, value });

/** Words are parts of the text here: the search itself is main's. */
function matches(row: Row, data: string, { types, text, path, from, to }: Filter): boolean {
  if ((from !== null && row.at < from) || (to !== null && row.at >= to)) return false;
  if (row.kind === "mark") return types.length === 0 && text === "" && path === "";
  if (types.length > 0 && !types.includes(row.type)) return false;
  if (path !== "" && !selects(path, data)) return false;
  const held = `${row.type} ${row.id} ${data}`.toLowerCase();
  return (
    text === "" ||
    text
      .toLowerCase()
      .replaceAll('"', "")
      .split(" ")
      .every((word) => held.includes(word))
  );
}

/** Enough of JSONPath for a fake: names after each other, as in $.customer.name. */
const knownPath = /^\$(\.\w+)+$/;

function selects(path: string, data: string): boolean {
  let value: unknown = JSON.parse(data);
  for (const name of path.split(".").slice(1)) value = (value as Record<string, unknown> | undefined)?.[name];
  return value !== undefined && value !== null;
}

const refused = (code: string, params: Code["params"] = {}): Promise<Outcome<never>> =>
  Promise.resolve({ ok: false, error: { code, params } });

/** Makes one. */
export function makeFakeBridge(options: FakeOptions = {}) {
  const now = options.now ?? Date.now();
  const calls: { name: string; argument: unknown }[] = [];
  const changed = {
    app: subscribable<AppView>(),
    closing: subscribable<{ tray: boolean }>(),
    show: subscribable<{ stream: string; seq: number | null }>(),
    streams: subscribable<StreamView[]>(),
    settings: subscribable<SettingsView>(),
    diagnosis: subscribable<DiagnosisView>(),
    exporting: subscribable<Exporting>(),
    importing: subscribable<Importing>(),
  };
  /** Ends the import that is under way: one that is not answered at once. */
  let endImport: (outcome: Outcome<Imported | null>) => void = () => {};
  /** Ends the export that is under way. */
  let endExport: (outcome: Outcome<Exported | null>) => void = () => {};
  const emit = <T>({ listeners }: { listeners: Listeners<T> }, value: T): void => {
    for (const listener of listeners) listener(value);
  };
  let streams = options.empty === true ? [] : fakeStreams(now, options.locale === "zh-CN");
  let settings = fakeSettings(streams);
  if (options.theme !== undefined) settings.general.theme = options.theme;
  let app: AppView = {
    version: "0.1.0",
    electron: "45.4.1",
    testRuntime: false,
    platform: "linux",
    tray: true,
    locale: options.locale ?? "en",
    statsUrl: "http://127.0.0.1:9465/",
    problems: [],
    ...options.app,
  };
  const made = fakeRows(options.rows ?? 5000, now);
  const rowsOf = new Map<string, Row[]>([
    ["orders", made.rows],
    ["edge", made.rows.slice(-400)],
  ]);
  let version = 1;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    version++;
    for (const each of waiting) each();
    waiting.clear();
  };
  let searching = options.searching ?? false;
  let behind = options.behind ?? 0;
  let reach = 0;
  const dataOf = (row: Row): string => made.data.get(row.seq) ?? (row.kind === "event" ? row.preview : "");
  /** The same list again while nothing changed: a million rows are not looked through for each page of them. */
  let last = { key: "", rows: [] as readonly Row[] };
  const found = (stream: string, filter: Filter): readonly Row[] => {
    const rows = rowsOf.get(stream) ?? [];
    const key = JSON.stringify([stream, filter, version, rows.length, searching, reach]);
    if (key === last.key) return last.rows;
    const all = rows.filter((row) => matches(row, dataOf(row), filter));
    last = { key, rows: searching ? all.slice(-reach) : all };
    return last.rows;
  };
  const tailOf = (stream: string, filter: Filter, limit: number): Tail => {
    const rows = rowsOf.get(stream) ?? [];
    if (searching) reach += 500;
    const matching = found(stream, filter);
    const counts = new Map<string, number>();
    for (const row of rows) if (row.kind === "event") counts.set(row.type, (counts.get(row.type) ?? 0) + 1);
    return {
      version,
      total: rows.length,
      matching: matching.length,
      exact: !searching,
      behind,
      types: [...counts].map(([type, count]) => ({ type, count })),
      rows: matching.slice(-limit),
    };
  };
  let diagnosis = options.diagnosis === undefined ? null : fakeDiagnoses(now)[options.diagnosis];
  const noted = (name: string, argument?: unknown): void => void calls.push({ name, argument });
  const answers = {
    saveEndpoint: { errors: [] } as { errors: FieldError[] },
    removeEndpoint: { errors: [] } as { errors: FieldError[] },
    startDiagnosis: { errors: [] } as { errors: FieldError[] },
    curl: "curl -N -H 'Accept: text/event-stream' -H 'Authorization: Bearer YOUR-SECRET' -H 'Last-Event-ID: o-2026-5000' https://shop.example/api/orders/stream" as
      | string
      | null,
    import: {
      ok: true,
      value: { path: "/home/user/Orders.ndjson", written: 1200, total: 1200, unsaved: false, cancelled: false },
    } as Outcome<Imported | null> | null,
    saveDiagnosis: "/home/user/holdfast-diagnosis.md" as string | null,
    setGeneral: { errors: [] } as { errors: FieldError[] },
    setProxy: { errors: [] } as { errors: FieldError[] },
    chooseTokenCommand: { argv: ["/usr/local/bin/shop-token", "--for", "edge 2"], errors: [] } as {
      argv: string[] | null;
      errors: FieldError[];
    },
    testEndpoint: {
      errors: [],
      failure: null,
      status: 200,
      contentType: "text/event-stream",
      server: "nginx",
      proxy: null,
      connectMs: 61,
      headersMs: 212,
      firstEventMs: 1400,
      events: 4,
    } as Awaited<ReturnType<Bridge["settings"]["testEndpoint"]>> extends Outcome<infer R> ? R : never,
  };

  const bridge: Bridge = {
    app: {
      get: () => ok(app),
      changed: changed.app.on,
      closing: changed.closing.on,
      show: changed.show.on,
      answerClosing: (answer) => {
        noted("app.answerClosing", answer);
        return ok(undefined);
      },
    },
    streams: {
      list: () => ok(streams),
      changed: changed.streams.on,
      retryNow: (id) => {
        noted("streams.retryNow", id);
        return ok(undefined);
      },
      stop: (id) => {
        noted("streams.stop", id);
        return ok(undefined);
      },
      resume: (id) => {
        noted("streams.resume", id);
        return ok(undefined);
      },
      startDemo: () => {
        noted("streams.startDemo");
        return ok("demo");
      },
    },
    events: {
      tail: async ({ stream, ack, filter, limit }) => {
        noted("events.tail", { stream, ack, filter, limit });
        if (filter.path !== "" && !knownPath.test(filter.path)) return refused("filter-path-invalid", { at: 3 });
        if (ack === version) await new Promise<void>((resolve) => waiting.add(resolve));
        return ok(tailOf(stream, filter, limit));
      },
      window: ({ stream, filter, from, limit }) => {
        noted("events.window", { stream, from, limit });
        const rows = found(stream, filter);
        return ok({ matching: rows.length, exact: !searching, from, rows: rows.slice(from, from + limit) });
      },
      placeOf: ({ stream, filter, at }) => {
        noted("events.placeOf", { stream, at });
        const rows = found(stream, filter);
        const place = rows.findIndex((row) => row.at >= at);
        return ok({ place: place === -1 ? rows.length : place, matching: rows.length, exact: !searching });
      },
      get: (seq) => {
        const row = [...rowsOf.values()].flat().find((each) => each.seq === seq);
        return ok(row?.kind === "event" ? fakeDetail(row, made.data.get(seq) ?? row.preview) : null);
      },
      clear: (id) => {
        noted("events.clear", id);
        rowsOf.set(id, []);
        wake();
        return ok(undefined);
      },
      export: (wanted) => {
        noted("events.export", wanted);
        return new Promise((resolve) => {
          endExport = resolve;
        });
      },
      exporting: changed.exporting.on,
      cancelExport: () => {
        noted("events.cancelExport");
        endExport({ ok: true, value: { path: "", written: 0, cancelled: true } });
        return ok(undefined);
      },
      import: (stream) => {
        noted("events.import", stream);
        return answers.import === null
          ? new Promise((resolve) => {
              endImport = resolve;
            })
          : Promise.resolve(answers.import);
      },
      importing: changed.importing.on,
      cancelImport: () => {
        noted("events.cancelImport");
        return ok(undefined);
      },
      curl: () => ok(answers.curl),
    },
    history: {
      query: ({ span }) => ok(fakeHistory(span, now)),
      summary: ({ span }) => ok(fakeSummary(span, now)),
      keeping: (stream) => ok(stream === "orders" ? fakeKeeping(now) : null),
    },
    diagnosis: {
      get: () => ok(diagnosis),
      changed: changed.diagnosis.on,
      start: (argument) => {
        noted("diagnosis.start", argument);
        return ok(answers.startDiagnosis);
      },
      cancel: () => {
        noted("diagnosis.cancel");
        return ok(undefined);
      },
      report: (kind) => {
        noted("diagnosis.report", kind);
        return ok(diagnosis === null || diagnosis.running ? null : fakeReport(kind, diagnosis, app.locale));
      },
      save: (kind) => {
        noted("diagnosis.save", kind);
        return ok(answers.saveDiagnosis);
      },
    },
    settings: {
      get: () => ok(settings),
      changed: changed.settings.on,
      setGeneral: (change) => {
        noted("settings.setGeneral", change);
        if (answers.setGeneral.errors.length > 0) return ok(answers.setGeneral);
        const defined = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
        settings = { ...settings, general: { ...settings.general, ...defined } };
        emit(changed.settings, settings);
        if (change.language !== undefined) {
          app = { ...app, locale: resolveLocale(change.language, ["en"]) };
          emit(changed.app, app);
        }
        return ok({ errors: [] });
      },
      setProxy: (given) => {
        noted("settings.setProxy", given);
        if (answers.setProxy.errors.length > 0) return ok(answers.setProxy);
        settings = { ...settings, general: { ...settings.general, proxy: given.proxy } };
        emit(changed.settings, settings);
        return ok({ errors: [] });
      },
      saveEndpoint: (draft) => {
        noted("settings.saveEndpoint", draft);
        return ok(answers.saveEndpoint);
      },
      removeEndpoint: (id) => {
        noted("settings.removeEndpoint", id);
        if (answers.removeEndpoint.errors.length > 0) return ok(answers.removeEndpoint);
        settings = { ...settings, endpoints: settings.endpoints.filter((each) => each.id !== id) };
        emit(changed.settings, settings);
        return ok(answers.removeEndpoint);
      },
      chooseTokenCommand: (id) => {
        noted("settings.chooseTokenCommand", id);
        return ok(answers.chooseTokenCommand);
      },
      testEndpoint: (draft) => {
        noted("settings.testEndpoint", draft);
        return ok(answers.testEndpoint);
      },
    },
  };

  return {
    bridge,
    calls,
    answers,
    /** Adds rows to a stream, as if they had just come. */
    addRows(stream: string, rows: readonly Row[]): void {
      rowsOf.set(stream, [...(rowsOf.get(stream) ?? []), ...rows]);
      wake();
    },
    /** The journal lets go of its oldest rows. */
    dropRows(stream: string, count: number): void {
      rowsOf.set(stream, (rowsOf.get(stream) ?? []).slice(count));
      wake();
    },
    /** How far the search has come: by 500 rows more, or whole; and how many rows are not indexed yet. */
    search(next: { searching?: boolean; behind?: number }): void {
      searching = next.searching ?? searching;
      behind = next.behind ?? behind;
      wake();
    },
    /** What came with an event. */
    setData(seq: number, data: string): void {
      made.data.set(seq, data);
    },
    setStreams(next: StreamView[]): void {
      streams = next;
      emit(changed.streams, streams);
    },
    changeStream(id: string, change: Partial<StreamView>): void {
      this.setStreams(streams.map((each) => (each.id === id ? { ...each, ...change } : each)));
    },
    setSettings(next: SettingsView): void {
      settings = next;
      emit(changed.settings, settings);
    },
    setApp(next: Partial<AppView>): void {
      app = { ...app, ...next };
      emit(changed.app, app);
    },
    /** Main says how far a diagnosis has come. */
    diagnose(next: FakeDiagnosis | DiagnosisView): void {
      diagnosis = typeof next === "string" ? fakeDiagnoses(now)[next] : next;
      emit(changed.diagnosis, diagnosis);
    },
    /** Main says how far an export is. */
    importing(progress: Importing): void {
      emit(changed.importing, progress);
    },
    endImport(outcome: Outcome<Imported | null>): void {
      endImport(outcome);
    },
    exporting(progress: Exporting): void {
      emit(changed.exporting, progress);
    },
    endExport(outcome: Outcome<Exported | null>): void {
      endExport(outcome);
    },
    show(stream: string, seq: number | null): void {
      emit(changed.show, { stream, seq });
    },
    askClosing(tray: boolean): void {
      emit(changed.closing, { tray });
    },
  };
}

export type FakeBridge = ReturnType<typeof makeFakeBridge>;
