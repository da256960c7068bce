// Package cluster runs three replicas of the built binary behind the load balancer that deploy/ ships, over one journal in
// PostgreSQL, and kills them in turn while clients that others wrote read and pay.
package cluster
