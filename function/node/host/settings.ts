/** What the Terraform module tells the host. */

import { LOG_LEVELS, LOG_SUBJECTS, METRICS_CHOICES, SETTINGS_VARIABLE } from "./contract.ts";
import { StartError } from "./errors.ts";
import { isObject, parseJson } from "./messages.ts";

/** The module's inputs that reach the host, described in mcp_lambda_host/settings.py, which has the same fields. */
export interface Settings {
  readonly name: string;
  readonly entrypoint: string | null;
  readonly origins: readonly string[];
  readonly auth_type: string;
  readonly issuer: string | null;
  readonly scopes: readonly string[];
  readonly scope_claims: readonly string[];
  readonly advertised_scopes: readonly string[];
  readonly required_scopes: Readonly<Record<string, readonly string[]>>;
  readonly catalogue_seconds: number;
  readonly request_state_parameter: string | null;
  readonly request_state_keys: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly log_level: string;
  readonly log_sample_rate: number;
  readonly log_subject: string;
  readonly log_payloads: boolean;
  readonly metrics: string;
  readonly tracing: boolean;
  /** Terraform refuses tasks for a server of Node.js. */
  readonly tasks: null;
}

/** What a host goes by whose settings cannot be read: it starts no server, and its log tells as little as it can. */
export const NOTHING_KNOWN: Settings = {
  name: "",
  entrypoint: null,
  origins: [],
  auth_type: "none",
  issuer: null,
  scopes: [],
  scope_claims: [],
  advertised_scopes: [],
  required_scopes: {},
  catalogue_seconds: 0,
  request_state_parameter: null,
  request_state_keys: [],
  secrets: {},
  log_level: "INFO",
  log_sample_rate: 1,
  log_subject: "none",
  log_payloads: false,
  metrics: "none",
  tracing: false,
  tasks: null,
};

/** What a value of JSON must be, in words, and whether one is. */
type Kind = readonly [string, (value: unknown) => boolean];

const isText = (value: unknown): value is string => typeof value === "string";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const TEXT: Kind = ["a string", isText];
const TEXT_OR_NULL: Kind = ["a string or null", (value) => value === null || isText(value)];
const NULL: Kind = ["null", (value) => value === null];
const FLAG: Kind = ["true or false", (value) => typeof value === "boolean"];
const WHOLE: Kind = ["a whole number", Number.isInteger];
const SHARE: Kind = ["a number from 0 to 1", (value) => typeof value === "number" && value >= 0 && value <= 1];
const TEXTS: Kind = ["a list of strings", isTexts];
const TEXT_BY_NAME: Kind = ["an object of strings", (value) => isObject(value) && Object.values(value).every(isText)];
const TEXTS_BY_NAME: Kind = [
  "an object of lists of strings",
  (value) => isObject(value) && Object.values(value).every(isTexts),
];

function oneOf(choices: readonly string[]): Kind {
  return [`one of ${choices.join(", ")}`, (value) => isText(value) && choices.includes(value)];
}

/** The fields, none of which has a default: Terraform says each of them, or the start fails. */
const FIELDS: Record<keyof Settings, Kind> = {
  name: TEXT,
  entrypoint: TEXT_OR_NULL,
  origins: TEXTS,
  auth_type: TEXT,
  issuer: TEXT_OR_NULL,
  scopes: TEXTS,
  scope_claims: TEXTS,
  advertised_scopes: TEXTS,
  required_scopes: TEXTS_BY_NAME,
  catalogue_seconds: WHOLE,
  request_state_parameter: TEXT_OR_NULL,
  request_state_keys: TEXTS,
  secrets: TEXT_BY_NAME,
  log_level: oneOf(LOG_LEVELS),
  log_sample_rate: SHARE,
  log_subject: oneOf(LOG_SUBJECTS),
  log_payloads: FLAG,
  metrics: oneOf(METRICS_CHOICES),
  tracing: FLAG,
  tasks: NULL,
};

/**
 * Read the settings from a JSON object whose keys are the fields.
 *
 * @throws {StartError} It is no object, a key is unknown or missing, or a value is of a wrong type; one sentence.
 */
export function parseSettings(text: string): Settings {
  const given = parseJson(text);
  if (!isObject(given)) {
    throw new StartError(`${SETTINGS_VARIABLE} must hold the settings as a JSON object, which Terraform writes.`);
  }
  const problems = [
    named(
      "lacks",
      Object.keys(FIELDS).filter((name) => !Object.hasOwn(given, name)),
    ),
    named(
      "has the unknown",
      Object.keys(given).filter((name) => !Object.hasOwn(FIELDS, name)),
    ),
  ].flat();
  if (problems.length > 0) {
    throw new StartError(
      `${SETTINGS_VARIABLE} ${problems.join(" and ")}, since the package and the Terraform module are of different ` +
        "versions: build the package with function/build.py of the module's version.",
    );
  }
  for (const [name, [words, fits]] of Object.entries(FIELDS)) {
    if (!fits(given[name])) {
      const value = JSON.stringify(given[name]);
      throw new StartError(`${SETTINGS_VARIABLE} has ${name} = ${value}, but it must be ${words}.`);
    }
  }
  return given as unknown as Settings;
}

function named(problem: string, names: string[]): string[] {
  return names.length > 0 ? [`${problem} ${names.sort().join(", ")}`] : [];
}
