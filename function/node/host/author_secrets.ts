/**
 * Makes the author's secrets environment variables, which are in this process alone.
 *
 * They are in no configuration of the function, and Terraform, which knows their ARNs only, has them in no state.
 */

import { getValue, UnreadableError } from "./aws/values.ts";
import type { Variables } from "./contract.ts";
import { StartError } from "./errors.ts";

const MISSING = "Store it, or correct its ARN in secrets.";

/** What to do when a secret cannot be read, by AWS's name for the reason. */
const ADVICE: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "If it lies under a key of your own other than kms_key_arn, allow kms:Decrypt on that key in policy_json, and " +
    "let the key's policy allow this function's role.",
  ParameterNotFound: MISSING,
  ResourceNotFoundException: MISSING,
  TimeoutError: "In a VPC, the function needs a NAT gateway or the service's VPC endpoint.",
};

/**
 * Set the environment variables, all or none, to what the secrets hold now, before the author's module is imported.
 *
 * @param secrets ARNs of SSM parameters or Secrets Manager secrets, by the variable's name.
 * @param variables The process's environment variables, which also have the credentials to read secrets with.
 * @throws {StartError} A secret cannot be read; the message says which and why, and no value.
 */
export async function offerSecrets(secrets: Readonly<Record<string, string>>, variables: Variables): Promise<void> {
  const read = Object.entries(secrets).map(async ([name, arn]) => [name, await readSecret(name, arn, variables)]);
  Object.assign(variables, Object.fromEntries(await Promise.all(read)));
}

async function readSecret(name: string, arn: string, variables: Variables): Promise<string> {
  let value: string;
  try {
    value = await getValue(arn, variables);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    throw new StartError(`The secret ${name} (${arn}) ${error.message}. ${ADVICE[error.code] ?? ""}`.trimEnd());
  }
  if (value.includes("\0")) {
    throw new StartError(`The secret ${name} (${arn}) holds a NUL character, which no environment variable can.`);
  }
  return value;
}
