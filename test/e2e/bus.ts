/**
 * A session bus of our own with what a desktop puts on it: somebody who takes tray icons, somebody who shows banners.
 * Both only write down what they are told.
 */
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import dbus, { type MessageBus, type Variant } from "dbus-next";
import { onTestFinished, type TestContext } from "vitest";
import { end, start } from "../../build/setup/children.ts";

/** Skips the test by name where there is no bus daemon. */
export function needBus({ skip }: Pick<TestContext, "skip">): void {
  if (!existsSync("/usr/bin/dbus-daemon")) skip("dbus-daemon is not installed (Debian: apt-get install dbus)");
}

/** Starts a bus that nobody else is on. @returns its address */
export async function privateBus(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const daemon = start("/usr/bin/dbus-daemon", ["--session", "--nofork", "--print-address=3"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    env,
  });
  onTestFinished(() => end(daemon, 1000));
  const pipe = daemon.child.stdio[3] as Readable;
  return new Promise((resolve, reject) => {
    createInterface({ input: pipe }).once("line", resolve);
    void daemon.exited.then((code) => reject(new Error(`dbus-daemon ended with ${code}`)));
  });
}

/** Our end of a bus, closed with the test. */
export function dial(busAddress: string): MessageBus {
  const bus = dbus.sessionBus({ busAddress });
  // What is on its way when the bus goes has nowhere to go.
  bus.on("error", () => {});
  onTestFinished(() => bus.disconnect());
  return bus;
}

const { Interface } = dbus.interface;

class WatcherInterface extends Interface {
  readonly items: string[] = [];
  readonly IsStatusNotifierHostRegistered = true;
  readonly ProtocolVersion = 0;
  get RegisteredStatusNotifierItems(): string[] {
    return this.items;
  }
  RegisterStatusNotifierItem(service: string): void {
    this.items.push(service);
  }
  RegisterStatusNotifierHost(_service: string): void {}
}
WatcherInterface.configureMembers({
  properties: {
    IsStatusNotifierHostRegistered: { signature: "b", access: "read" },
    ProtocolVersion: { signature: "i", access: "read" },
    RegisteredStatusNotifierItems: { signature: "as", access: "read" },
  },
  methods: {
    RegisterStatusNotifierItem: { inSignature: "s", outSignature: "" },
    RegisterStatusNotifierHost: { inSignature: "s", outSignature: "" },
  },
});

/** A tray. @returns the services that registered an icon, in order */
export async function trayWatcher(address: string): Promise<readonly string[]> {
  const bus = dial(address);
  const watcher = new WatcherInterface("org.kde.StatusNotifierWatcher");
  bus.export("/StatusNotifierWatcher", watcher);
  await bus.requestName("org.kde.StatusNotifierWatcher", 0);
  return watcher.items;
}

export type TrayEntry = {
  readonly id: number;
  readonly label: string;
  readonly enabled: boolean;
  readonly children: TrayEntry[];
};

type Layout = [id: number, properties: Record<string, Variant>, children: Variant<Layout>[]];

/** An icon in the tray, read as a panel reads it. Chromium describes itself to nobody, so each call is made by hand. */
export class TrayItem {
  readonly #bus: MessageBus;
  readonly #service: string;

  constructor(address: string, service: string) {
    this.#bus = dial(address);
    this.#service = service;
  }

  async #call<T>(path: string, on: string, member: string, signature: string, body: unknown[]): Promise<T> {
    const message = new dbus.Message({ destination: this.#service, path, interface: on, member, signature, body });
    const reply = await this.#bus.call(message);
    return reply?.body as T;
  }

  async #read<T>(name: string): Promise<T> {
    const [{ value }] = await this.#call<[Variant<T>]>(itemPath, "org.freedesktop.DBus.Properties", "Get", "ss", [
      "org.kde.StatusNotifierItem",
      name,
    ]);
    return value;
  }

  /** Pixels of each size: width, height, ARGB bytes. */
  icons(): Promise<[width: number, height: number, argb: Uint8Array][]> {
    return this.#read("IconPixmap");
  }

  async tooltip(): Promise<string> {
    const [, , title, text] = await this.#read<[string, unknown[], string, string]>("ToolTip");
    return [title, text].filter((part) => part !== "").join(" ");
  }

  async menu(): Promise<TrayEntry[]> {
    const path = await this.#read<string>("Menu");
    const [, layout] = await this.#call<[number, Layout]>(path, menuInterface, "GetLayout", "iias", [0, -1, []]);
    return entryOf(layout).children;
  }

  /** Chooses the entry with this label, wherever in the menu it stands. */
  async choose(label: string): Promise<void> {
    const entry = flat(await this.menu()).find((each) => each.label === label);
    if (entry === undefined) throw new Error(`the menu has no "${label}"`);
    const path = await this.#read<string>("Menu");
    await this.#call(path, menuInterface, "Event", "isvu", [entry.id, "clicked", new dbus.Variant("i", 0), 0]);
  }

  /** A click on the icon itself. */
  async activate(): Promise<void> {
    await this.#call(itemPath, "org.kde.StatusNotifierItem", "Activate", "ii", [0, 0]);
  }
}

const itemPath = "/StatusNotifierItem";
const menuInterface = "com.canonical.dbusmenu";

/** All entries of a menu, those of its submenus too. */
export function flat(entries: readonly TrayEntry[]): TrayEntry[] {
  return entries.flatMap((entry) => [entry, ...flat(entry.children)]);
}

function entryOf([id, properties, children]: Layout): TrayEntry {
  return {
    id,
    label: String(properties["label"]?.value ?? ""),
    enabled: properties["enabled"]?.value !== false,
    children: children.map(({ value }) => entryOf(value)),
  };
}

export type Banner = { readonly summary: string; readonly body: string; readonly actions: readonly string[] };

class NotificationsInterface extends Interface {
  readonly banners: Banner[] = [];
  #capabilities: string[];
  constructor(capabilities: string[]) {
    super("org.freedesktop.Notifications");
    this.#capabilities = capabilities;
  }
  GetCapabilities(): string[] {
    return this.#capabilities;
  }
  GetServerInformation(): string[] {
    return ["recorder", "holdfast tests", "1", "1.2"];
  }
  Notify(
    _app: string,
    _replaces: number,
    _icon: string,
    summary: string,
    body: string,
    actions: string[],
    _hints: object,
    _timeout: number,
  ): number {
    return this.banners.push({ summary, body, actions });
  }
  CloseNotification(_id: number): void {}
  ActionInvoked(id: number, action: string): [number, string] {
    return [id, action];
  }
  NotificationClosed(id: number, reason: number): [number, number] {
    return [id, reason];
  }
}
NotificationsInterface.configureMembers({
  methods: {
    GetCapabilities: { inSignature: "", outSignature: "as" },
    GetServerInformation: { inSignature: "", outSignature: "ssss" },
    Notify: { inSignature: "susssasa{sv}i", outSignature: "u" },
    CloseNotification: { inSignature: "u", outSignature: "" },
  },
  signals: {
    ActionInvoked: { signature: "us" },
    NotificationClosed: { signature: "uu" },
  },
});

export type NotificationDaemon = {
  readonly banners: readonly Banner[];
  /** The user clicks the nth banner (1 is the first). */
  click(nth: number): void;
};

/** A notification daemon that shows nothing and remembers everything. */
export async function notificationDaemon(address: string): Promise<NotificationDaemon> {
  const bus = dial(address);
  const daemon = new NotificationsInterface(["body", "body-markup", "actions"]);
  bus.export("/org/freedesktop/Notifications", daemon);
  await bus.requestName("org.freedesktop.Notifications", 0);
  return { banners: daemon.banners, click: (nth) => void daemon.ActionInvoked(nth, "default") };
}
