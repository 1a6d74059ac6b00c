/**
 * The app as a child: Electron on the checkout, with its output passed on minus what Chromium says about machines
 * without a graphics card or a system bus.
 */
import { createInterface } from "node:readline";
import { root } from "../root.ts";
import { type Running, start } from "./children.ts";
import { type Runtime, runtimeEnv } from "./electron-runtime.ts";

const noise = [
  /^\[\d+:[\d/.:]+:(ERROR|WARNING):(.*\/)?(bus|object_proxy|viz_main_impl|gpu_\w+|gl_\w+|egl_\w+|angle_\w+|vaapi_\w+|vulkan_\w+|x11_\w+|command_buffer_\w+|sandbox_linux|network_service_instance_impl|gles2_\w+|power_\w+|upower\w*|bluez\w*|on_device_model\w*|context_result|raster_\w+)\.cc/,
  /dbus|DBus|org\.freedesktop\.UPower/,
  /^(libva|MESA|ALSA) ?(error|lib|warning)?:/i,
  /^\(.*:\d+\): (Gtk|dconf|GLib-GIO|dbind|LIBDBUSMENU\S*)-(WARNING|CRITICAL) \*\*/,
  /GPU process isn't usable|Exiting GPU process|ContextResult::k/,
];

/** True for lines that Chromium prints on any machine without a desktop, and that mean nothing. */
export function isNoise(line: string): boolean {
  return line.trim() === "" || noise.some((pattern) => pattern.test(line));
}

/** Chromium's sandbox refuses to run as root; an ordinary user keeps it. */
export function sandboxArgs(): string[] {
  return process.getuid?.() === 0 ? ["--no-sandbox"] : [];
}

/** Starts the app of this checkout; its stdout is ours. */
export function startApp(runtime: Runtime, args: readonly string[], env: NodeJS.ProcessEnv): Running {
  const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, ...rest } = env;
  const app = start(runtime.executable, [...sandboxArgs(), root, ...args], {
    cwd: root,
    env: { ...rest, ...runtimeEnv(runtime) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  app.child.stdout?.pipe(process.stdout, { end: false });
  if (app.child.stderr !== null) {
    createInterface({ input: app.child.stderr }).on("line", (line) => {
      if (!isNoise(line)) process.stderr.write(`${line}\n`);
    });
  }
  return app;
}
