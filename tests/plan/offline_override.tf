# Overrides an example's settings: the provider asks nobody who it is, and the state is in no bucket. Everything else in
# a plan needs no AWS anyway.
terraform {
  backend "local" {}
}

provider "aws" {
  skip_credentials_validation = true
  skip_requesting_account_id  = true
}
