variable "cidr" {
  description = "Addresses of the VPC, which training jobs share."
  type        = string
  nullable    = false
  default     = "10.30.0.0/16"

  validation {
    condition = (
      can(regex("/(16|17|18|19|20|21|22)$", var.cidr))
      && try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    )
    error_message = "cidr is a network of /16 to /22 by its first address, such as 10.30.0.0/16."
  }
}

variable "zones" {
  description = "Availability zones that the VPC reaches over."
  type        = number
  nullable    = false
  default     = 2

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "zones is 2 or 3: load balancer and database need two."
  }
}

variable "vpn" {
  description = "Client VPN: the addresses of its clients, and in ACM its own certificate and the authority of its clients' certificates; all empty: no VPN."
  type = object({
    client_cidr            = optional(string, "")
    server_certificate_arn = optional(string, "")
    authority_arn          = optional(string, "")
  })
  nullable = false
  default  = {}

  validation {
    condition     = length(setsubtract(["all", "none"], [for value in values(var.vpn) : value == "" ? "none" : "all"])) == 1
    error_message = "vpn takes client_cidr, server_certificate_arn and authority_arn together, or none of them."
  }

  validation {
    condition = var.vpn.client_cidr == "" || (
      can(regex("/(12|13|14|15|16|17|18|19|20|21|22)$", var.vpn.client_cidr))
      && try(cidrhost(var.vpn.client_cidr, 0) == split("/", var.vpn.client_cidr)[0], false)
    )
    error_message = "vpn.client_cidr is a network of /12 to /22 by its first address, such as 10.31.0.0/22 (AWS Client VPN)."
  }

  validation {
    # Two networks overlap when they are the same one at the shorter of their prefixes.
    condition = !try(
      cidrhost("${split("/", var.cidr)[0]}/${min([for each in [var.cidr, var.vpn.client_cidr] : tonumber(split("/", each)[1])]...)}", 0)
      == cidrhost("${split("/", var.vpn.client_cidr)[0]}/${min([for each in [var.cidr, var.vpn.client_cidr] : tonumber(split("/", each)[1])]...)}", 0),
      false,
    )
    error_message = "vpn.client_cidr overlaps cidr: take addresses outside the VPC."
  }

  validation {
    condition = alltrue([
      for arn in [var.vpn.server_certificate_arn, var.vpn.authority_arn] : arn == "" || can(regex("^arn:[a-z-]+:acm:", arn))
    ])
    error_message = "vpn.server_certificate_arn and vpn.authority_arn are ARNs of certificates in ACM (arn:aws:acm:…)."
  }
}
