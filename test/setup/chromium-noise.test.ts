import { expect, it } from "vitest";
import { isNoise } from "../../build/setup/app-process.ts";

it.each([
  "[123:1122/101112.123456:ERROR:bus.cc(407)] Failed to connect to the bus: Failed to connect to socket /run/dbus/system_bus_socket",
  "[123:1122/101112.123456:ERROR:viz_main_impl.cc(166)] Exiting GPU process due to errors during initialization",
  "",
])("keeps Chromium's remarks about a bare machine to itself: %s", (line) => {
  expect(isNoise(line)).toBe(true);
});

it.each([
  "Error: the stream's settings cannot be read",
  "[1:1122/101112.123456:ERROR:CONSOLE(12)] Refused to apply inline style",
  "TypeError: x is not a function",
])("passes on what our own code or page has to say: %s", (line) => {
  expect(isNoise(line)).toBe(false);
});
