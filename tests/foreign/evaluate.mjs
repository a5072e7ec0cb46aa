// Ask @cloud-copilot/iam-simulate: a simulation a line on standard input, an answer a line on
// standard output. It is a program of its own, installed by whoever runs the comparison in the
// folder named by the first argument; nothing of it is kept here.
//
//     node evaluate.mjs FOLDER

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(resolve(process.argv[2], "package.json"));
const { runSimulation } = require("@cloud-copilot/iam-simulate");

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const found = await runSimulation(JSON.parse(line), {});
    answer =
      found.resultType === "error"
        ? { refused: found.errors }
        : { result: found.overallResult, ignored: found.result?.ignoredContextKeys ?? [] };
  } catch (error) {
    answer = { refused: { message: String(error) } };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
