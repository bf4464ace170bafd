variable "vpc_id" {
  description = "VPC that training jobs run in; empty: one of our own if there is a cidr, else the region's default VPC."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition     = var.vpc_id == "" || startswith(var.vpc_id, "vpc-")
    error_message = "vpc_id is the id of a VPC (vpc-…), or empty for the default VPC."
  }
}

variable "subnet_ids" {
  description = "Subnets of that VPC that training jobs run in; empty: all of them."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for id in var.subnet_ids : startswith(id, "subnet-")])
    error_message = "subnet_ids are ids of subnets (subnet-…)."
  }
}

variable "cidr" {
  description = "Addresses of a VPC of our own, with private subnets behind a NAT gateway; empty: no such VPC."
  type        = string
  nullable    = false
  default     = ""

  validation {
    condition = var.cidr == "" || (
      can(regex("/(16|17|18|19|20|21|22)$", var.cidr))
      && try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    )
    error_message = "cidr is a network of /16 to /22 by its first address, such as 10.20.0.0/16, or empty."
  }

  validation {
    condition     = var.cidr == "" || (var.vpc_id == "" && length(var.subnet_ids) == 0)
    error_message = "cidr makes a VPC: leave vpc_id and subnet_ids out, or leave cidr out."
  }
}

variable "zones" {
  description = "Availability zones that our own VPC reaches over: more of them find more capacity."
  type        = number
  nullable    = false
  default     = 2

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones is 2 or 3."
  }
}
