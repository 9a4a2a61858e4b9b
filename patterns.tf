locals {
  # What the values of variables have to look like. A validation and its message take the pattern from here.
  patterns = {
    # Names of environment variables that begin so belong to Lambda or to this module.
    reserved_name = "^(${join("|", local.contract.reserved_prefixes)})"

    name              = "^[a-z][a-z0-9-]*$"
    entrypoint        = "^[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*)*:[A-Za-z_]\\w*$"
    node_entrypoint   = "^[\\w@][\\w@./-]*:[A-Za-z_$][\\w$]*$"
    variable_name     = "^[A-Za-z]\\w*$"
    origin            = "^([*]|[a-z][a-z0-9+.-]*://[A-Za-z0-9_.-]+(:[0-9]{1,5})?)$"
    web_origin        = "^([*]|https?://)"
    domain_name       = "^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z][a-z0-9-]{0,61}[a-z0-9]$"
    zone_id           = "^Z[A-Z0-9]+$"
    subnet_id         = "^subnet-[0-9a-f]+$"
    security_group_id = "^sg-[0-9a-f]+$"
    vpc_endpoint_id   = "^vpce-[0-9a-f]+$"
    truststore_uri    = "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$"
    issuer            = "^https://[^/\\s]+"
    word              = "^[^\\s]+$"
    scope             = "^${local.contract.scope}$"
    oauth_scope       = "^[!#-\\[\\]-~]+$" # RFC 6749 section 3.3
    header            = "^\\$request[.]header[.][A-Za-z0-9_-]+$"
    scoped_name       = "^((tools|prompts)/[^\\s/]\\S*|resources/[A-Za-z][A-Za-z0-9+.-]*:\\S+)$"
    login_client      = "^(https://[a-z0-9.-]+/[^\\s#]+|localhost|([a-z0-9-]+[.])+[a-z][a-z0-9-]*|[a-z][a-z0-9+.-]*:)$"
    key_label         = "^[A-Za-z0-9._-]{1,32}$"
    schedule_name     = "^[A-Za-z0-9_-]{1,64}$"
    cron              = "^[0-9A-Za-z*?,/#-]+( [0-9A-Za-z*?,/#-]+){5}$"

    arn             = "^${local.arn_start}[a-z0-9-]+:[^:]*:[^:]*:.+$"
    function_arn    = "^${local.arn_start}lambda:[a-z0-9-]+:[0-9]{12}:function:${local.function_and_qualifier}$"
    certificate_arn = "^${local.arn_start}acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$"
    key_arn         = "^${local.arn_start}kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"
    layer_arn       = "^${local.arn_start}lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]+:[0-9]+$"
    web_acl_arn     = "^${local.arn_start}wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/.+$"
    policy_arn      = "^${local.arn_start}iam::([0-9]{12}|aws):policy/.+$"

    code_signing_config_arn = "^${local.arn_start}lambda:[a-z0-9-]+:[0-9]{12}:code-signing-config:csc-[a-z0-9]+$"
    access_point_arn        = "^${local.arn_start}elasticfilesystem:[a-z0-9-]+:[0-9]{12}:access-point/fsap-[0-9a-f]+$"
    bucket                  = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
    object_prefix           = "^[A-Za-z0-9/!_.*'()-]{0,512}$"
    mount_path              = "^/mnt/[A-Za-z0-9_.-]{1,155}$"
    role_path               = "^/([A-Za-z0-9+=,.@_-]+/)*$"

    # The ARN of a parameter ends with its name: a version or a label after it is part of no ARN that IAM knows. The ARN
    # of a secret ends with the six characters that Secrets Manager adds to its name.
    parameter_arn     = "^${local.parameter_arn}$"
    secret_source_arn = "^(${local.parameter_arn}|${local.secret_arn})$"
  }

  # Partitions of AWS are aws and what it is followed by: aws-cn, aws-us-gov, aws-eusc, aws-iso, aws-iso-b …
  arn_start              = "arn:aws(-[a-z]+)*:"
  function_and_qualifier = "[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?"
  parameter_arn          = "${local.arn_start}ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]*[A-Za-z0-9_.-]"
  secret_arn             = "${local.arn_start}secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:${local.secret_name}"
  secret_name            = "[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}"
}
