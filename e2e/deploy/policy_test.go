package deploy

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// longestCall is for how long calls may run after the server was asked to end: 10 seconds for all, and 45 more for those
// that move money.
const longestCall = 55 * time.Second

// TestPodHasNoRights checks what the pods may do, which is nothing but to serve.
func TestPodHasNoRights(t *testing.T) {
	pod := readManifests(t).deployment.Spec.Template.Spec
	container := pod.Containers[0]
	if len(pod.Containers) != 1 || len(pod.InitContainers) != 0 || pod.HostNetwork || pod.HostPID || pod.HostIPC {
		t.Error("the pod has more than one container, or shares something with its node")
	}
	given := pod.SecurityContext
	if given == nil || !is(given.RunAsNonRoot) || *given.RunAsUser != 65532 || *given.FSGroup != 65532 ||
		given.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("the pod's security context: %+v", given)
	}
	own := container.SecurityContext
	if own == nil || own.AllowPrivilegeEscalation == nil || *own.AllowPrivilegeEscalation || !is(own.ReadOnlyRootFilesystem) ||
		is(own.Privileged) || !slices.Equal(own.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(own.Capabilities.Add) > 0 {
		t.Errorf("the container's security context: %+v", own)
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Error("the pod gets a token of the cluster")
	}
	for _, mount := range container.VolumeMounts {
		if !mount.ReadOnly && mount.MountPath != "/data" {
			t.Errorf("%s is writable", mount.MountPath)
		}
	}
	for _, volume := range pod.Volumes {
		if volume.HostPath != nil {
			t.Errorf("the volume %s is a folder of the node", volume.Name)
		}
		if volume.Secret != nil && *volume.Secret.DefaultMode != 0o440 {
			t.Errorf("the secret's files have the mode %o; the server refuses those that others can read", *volume.Secret.DefaultMode)
		}
	}
	if container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Memory().IsZero() || container.Resources.Requests.Cpu().IsZero() {
		t.Errorf("resources: %+v", container.Resources)
	}
	for _, variable := range container.Env {
		if variable.ValueFrom != nil {
			t.Errorf("%s: secrets come in files, not in the environment", variable.Name)
		}
	}
}

func is(flag *bool) bool { return flag != nil && *flag }

// TestPodsComeAndGoGently checks probes, and that calls that were accepted can end.
func TestPodsComeAndGoGently(t *testing.T) {
	m := readManifests(t)
	pod := m.deployment.Spec.Template.Spec
	container := pod.Containers[0]
	for path, probe := range map[string]*corev1.Probe{"/healthz": container.LivenessProbe, "/readyz": container.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != path || probe.HTTPGet.Port.StrVal != "http" {
			t.Errorf("probe of %s: %+v", path, probe)
		}
	}
	if container.StartupProbe == nil || container.StartupProbe.HTTPGet.Path != "/healthz" {
		t.Errorf("startup probe: %+v", container.StartupProbe)
	}
	pause := container.Lifecycle.PreStop.Sleep.Seconds
	if grace := *pod.TerminationGracePeriodSeconds; pause < 1 || time.Duration(grace-pause)*time.Second < longestCall {
		t.Errorf("a pod is killed %d seconds after it was asked to end, %d of which pass before it is told", grace, pause)
	}
	least, budget := *m.scaler.Spec.MinReplicas, m.budget.Spec.MinAvailable.IntValue()
	if least < 3 || budget < 1 || budget >= int(least) || m.scaler.Spec.MaxReplicas <= least {
		t.Errorf("of %d to %d pods %d must be available", least, m.scaler.Spec.MaxReplicas, budget)
	}
	if m.deployment.Spec.Replicas != nil {
		t.Error("the number of pods is the autoscaler's to say: kubectl apply would set it back")
	}
	if rolling := m.deployment.Spec.Strategy.RollingUpdate; rolling.MaxUnavailable.IntValue() != 0 {
		t.Errorf("updates: %+v", rolling)
	}
}

// TestNetworkIsNarrow checks who reaches the pods, and whom they reach.
func TestNetworkIsNarrow(t *testing.T) {
	spec := readManifests(t).network.Spec
	if !slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeIngress) || !slices.Contains(spec.PolicyTypes, networkingv1.PolicyTypeEgress) {
		t.Fatalf("policies: %v", spec.PolicyTypes)
	}
	for _, rule := range spec.Ingress {
		if len(rule.From) == 0 || len(rule.Ports) == 0 {
			t.Error("anybody, or any port, is let in")
		}
	}
	ports := map[int]bool{}
	for _, rule := range spec.Egress {
		if len(rule.To) == 0 || len(rule.Ports) == 0 {
			t.Error("everything is let out")
		}
		for _, port := range rule.Ports {
			ports[port.Port.IntValue()] = true
		}
		for _, peer := range rule.To {
			if peer.IPBlock != nil {
				checkBlock(t, peer.IPBlock)
			}
		}
	}
	for _, port := range []int{53, 443, 5432} {
		if !ports[port] {
			t.Errorf("port %d is not let out", port)
		}
	}
	if len(ports) != 3 {
		t.Errorf("ports that are let out: %v", ports)
	}
}

// checkBlock makes sure that nothing private is reached by its address, above all not what clouds tell machines.
func checkBlock(t *testing.T, block *networkingv1.IPBlock) {
	t.Helper()
	whole := netip.MustParsePrefix(block.CIDR)
	for _, private := range []string{"10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fe80::1"} {
		address := netip.MustParseAddr(private)
		excepted := slices.ContainsFunc(block.Except, func(prefix string) bool { return netip.MustParsePrefix(prefix).Contains(address) })
		if whole.Contains(address) && !excepted {
			t.Errorf("%s lets out to %s", block.CIDR, private)
		}
	}
}
