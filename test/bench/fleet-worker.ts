/** A thread of the fleet bench: takes a task, answers with its figures, takes the next. */
import { parentPort } from "node:worker_threads";
import { runTask, type Task } from "./fleet-tasks.ts";

parentPort?.on("message", (task: Task) => parentPort?.postMessage(runTask(task)));
