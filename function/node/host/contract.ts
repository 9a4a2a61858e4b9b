/** What the host and Terraform must agree on; both read it from contract.json. */

export {
  health_path as HEALTH_PATH,
  local_key_variable as LOCAL_KEY_VARIABLE,
  log_levels as LOG_LEVELS,
  log_subjects as LOG_SUBJECTS,
  mcp_path as MCP_PATH,
  metadata_path as METADATA_PATH,
  metric_namespace as METRIC_NAMESPACE,
  metrics as METRICS,
  metrics_choices as METRICS_CHOICES,
  seconds_to_answer as SECONDS_TO_ANSWER,
  settings_variable as SETTINGS_VARIABLE,
} from "../../mcp_lambda_host/contract.json";
export { version as HOST_VERSION } from "../package.json";

/** Environment variables by name. */
export type Variables = Record<string, string | undefined>;
