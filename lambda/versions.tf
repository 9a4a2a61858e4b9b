terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws" # in the version that the module above asks for
    }
  }
}
