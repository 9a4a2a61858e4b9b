// Has the official suite judge a server in several scenarios; its own command takes one, and long to start.
//   node scenarios.mjs URL DIRECTORY VERSION/SCENARIO…
import { Command } from "commander";

const [url, directory, ...scenarios] = process.argv.slice(2);
const { exit } = process;

let suite;
Command.prototype.parse = function () {
  suite = this;
};
await import("@modelcontextprotocol/conformance/dist/index.js");

process.exit = () => {
  throw new Error("this scenario is over");
};
for (const [version, scenario] of scenarios.map((each) => each.split("/"))) {
  // Of an extension, which belongs to no version, a scenario runs by force alone.
  const options = ["--scenario", scenario, "--spec-version", version, "--force", "-o", `${directory}/${version}`];
  await suite.parseAsync(["server", "--url", url, ...options], { from: "user" }).catch(() => {});
}
exit();
