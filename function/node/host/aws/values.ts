/** The value of an SSM parameter or of a Secrets Manager secret, by its ARN. */

import http from "node:http";
import https from "node:https";
import { setTimeout as pause } from "node:timers/promises";

import type { Variables } from "../contract.ts";
import { isObject, parseObject } from "../messages.ts";
import { signed } from "./signature.ts";

/** Most milliseconds before the second and the third attempt: AWS throttles where many environments start at once. */
const PAUSES = [200, 400];

/** How long one attempt may take, in milliseconds: three of them leave half of the init phase. */
const TIMEOUT = 1500;

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** Domains of the endpoints, by partition; of all others it is amazonaws.com (botocore's partitions.json). */
const DOMAINS: Readonly<Record<string, string>> = {
  "aws-cn": "amazonaws.com.cn",
  "aws-eusc": "amazonaws.eu",
  "aws-iso": "c2s.ic.gov",
  "aws-iso-b": "sc2s.sgov.gov",
  "aws-iso-e": "cloud.adc-e.uk",
  "aws-iso-f": "csp.hci.ic.gov",
};

/** How one of AWS's services is asked for a value. Its name in an ARN is part of its host's name, too. */
interface Service {
  /** The operation, as the header x-amz-target names it. */
  readonly target: string;
  /** The arguments of a request for an ARN. */
  readonly ask: (arn: string) => object;
  /** Environment variable that may hold another address for it, as in AWS's own clients. */
  readonly endpointVariable: string;
}

const SERVICES: Readonly<Record<string, Service>> = {
  ssm: {
    target: "AmazonSSM.GetParameter",
    ask: (arn) => ({ Name: arn, WithDecryption: true }),
    endpointVariable: "AWS_ENDPOINT_URL_SSM",
  },
  secretsmanager: {
    target: "secretsmanager.GetSecretValue",
    ask: (arn) => ({ SecretId: arn }),
    endpointVariable: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  },
};

/** The value cannot be read; the message is one line and says what AWS said. */
export class UnreadableError extends Error {
  /** AWS's name for the reason, such as AccessDeniedException; Node's, where there was no answer. */
  readonly code: string;
  /** Whether another attempt may succeed. */
  readonly mayPass: boolean;

  constructor(problem: string, code = "", mayPass = false) {
    super(`cannot be read: ${problem}`);
    this.code = code;
    this.mayPass = mayPass;
  }
}

/**
 * The value, decrypted.
 *
 * @param arn ARN of a parameter or a secret.
 * @param variables Environment variables: credentials as Lambda gives them, and perhaps AWS_ENDPOINT_URL or the
 *   service's.
 * @throws {UnreadableError} It was refused, or there was no answer in three attempts.
 */
export async function getValue(arn: string, variables: Variables): Promise<string> {
  for (const longest of PAUSES) {
    try {
      return await readOnce(arn, variables);
    } catch (error) {
      if (!(error instanceof UnreadableError && error.mayPass)) throw error;
    }
    await pause(Math.random() * longest);
  }
  return readOnce(arn, variables);
}

async function readOnce(arn: string, variables: Variables): Promise<string> {
  const [, partition = "", name = "", region = ""] = arn.split(":");
  const service = SERVICES[name];
  if (!service) throw new UnreadableError(`${arn} is the ARN of neither a parameter nor a secret`);
  const configured = variables[service.endpointVariable] || variables.AWS_ENDPOINT_URL;
  const endpoint = configured || `https://${name}.${region}.${DOMAINS[partition] ?? "amazonaws.com"}`;
  const action = service.target.split(".")[1] ?? "";
  const body = JSON.stringify(service.ask(arn));
  const headers = { "content-type": CONTENT_TYPE, host: new URL(endpoint).host, "x-amz-target": service.target };
  let answer: { status: number; text: string };
  try {
    answer = await post(endpoint, signed(headers, body, name, region, variables, new Date()), body);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "TimeoutError";
    throw new UnreadableError(`${endpoint} did not answer (${code})`, code, true);
  }
  if (answer.status !== 200) {
    const [code, message] = parseReason(answer.text);
    const problem = `${action} was refused with ${`${answer.status} ${code} ${message}`.split(/\s+/).join(" ").trim()}`;
    throw new UnreadableError(problem, code, answer.status >= 500 || code.startsWith("Throttl"));
  }
  return parseValue(answer.text, action);
}

/** The status and the text of the answer to a POST; rejects where there is none in time. */
function post(url: string, headers: Record<string, string>, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith("https:") ? https : http;
    const options = { method: "POST", headers, signal: AbortSignal.timeout(TIMEOUT) };
    const sent = request(new URL("/", url), options, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      answer.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The value in a service's answer; a secret that holds bytes has none. */
function parseValue(text: string, action: string): string {
  const document = parseObject(text);
  const value = isObject(document.Parameter) ? document.Parameter.Value : document.SecretString;
  if (typeof value !== "string") throw new UnreadableError(`the answer of ${action} holds no value that is text`);
  return value;
}

/** The name and the message of the error in a service's answer. */
function parseReason(text: string): [string, string] {
  const error = parseObject(text);
  const name =
    String(error.__type ?? "")
      .split("#")
      .at(-1) ?? "";
  return [name, String(error.message ?? error.Message ?? "and no reason")];
}
