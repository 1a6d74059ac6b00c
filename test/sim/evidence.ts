/** Evidence as the real transports write it down (measured on undici 7.30.2), for the faults of the simulated world. */
import type { Evidence, Stage } from "../../main/core/failure/failure.ts";

export function networkError(stage: Stage, code: string, message = code, bytesRead: number | null = null): Evidence {
  return { what: "error", stage, codes: [code], names: ["Error"], message, bytesRead, host: "simulated" };
}

export function answered(status: number, retryAfterMs: number | null = null, contentType = "text/plain"): Evidence {
  return { what: "answer", status, contentType, retryAfterMs };
}
