/** AWS Signature Version 4. */

import { createHash, createHmac } from "node:crypto";

import type { Variables } from "../contract.ts";

/**
 * The headers of a `POST /` with those that sign it, by the function's role.
 *
 * AWS describes the steps: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @param headers All that are sent, `host` among them, with names in lower case.
 * @param body The body that is sent.
 * @param service The service's name in an ARN, such as `ssm`.
 * @param region The service's region.
 * @param variables Environment variables with the credentials that Lambda gives a function.
 * @param now The time.
 */
export function signed(
  headers: Record<string, string>,
  body: string,
  service: string,
  region: string,
  variables: Variables,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const token = variables.AWS_SESSION_TOKEN;
  const sent: Record<string, string> = {
    ...headers,
    "x-amz-date": time,
    ...(token && { "x-amz-security-token": token }),
  };
  const sorted = Object.keys(sent).sort();
  const names = sorted.join(";");
  const lines = sorted.map((name) => `${name}:${sent[name]}\n`).join("");
  const request = `POST\n/\n\n${lines}\n${names}\n${hash(body)}`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash(request)}`;
  let key = Buffer.from(`AWS4${variables.AWS_SECRET_ACCESS_KEY ?? ""}`);
  for (const part of [...scope.split("/"), text]) key = createHmac("sha256", key).update(part).digest();
  const signature = `Credential=${variables.AWS_ACCESS_KEY_ID ?? ""}/${scope}, SignedHeaders=${names}`;
  return { ...sent, authorization: `AWS4-HMAC-SHA256 ${signature}, Signature=${key.toString("hex")}` };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
