package deploy

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// base is where the manifests are.
const base = "../../deploy/kubernetes/base"

// manifests are those of the base, by kind.
type manifests struct {
	deployment appsv1.Deployment
	service    corev1.Service
	account    corev1.ServiceAccount
	config     corev1.ConfigMap
	secret     corev1.Secret
	scaler     autoscalingv2.HorizontalPodAutoscaler
	budget     policyv1.PodDisruptionBudget
	network    networkingv1.NetworkPolicy
}

// kustomization is what is used of kustomize's file.
type kustomization struct {
	metav1.TypeMeta `json:",inline"`

	Resources []string `json:"resources"`
	Labels    []struct {
		Pairs map[string]string `json:"pairs"`
	} `json:"labels"`
	Images []struct {
		Name, NewName, NewTag string
	} `json:"images"`
	Patches []struct {
		Target struct{ Kind, Name string } `json:"target"`
		Patch  string                      `json:"patch"`
	} `json:"patches"`
}

// decode reads a file in which every member is known.
func decode(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = yaml.UnmarshalStrict(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// readManifests reads every file of the base into the type of its kind.
func readManifests(t *testing.T) *manifests {
	t.Helper()
	m := &manifests{}
	kinds := map[metav1.TypeMeta]any{
		{APIVersion: "apps/v1", Kind: "Deployment"}:                     &m.deployment,
		{APIVersion: "v1", Kind: "Service"}:                             &m.service,
		{APIVersion: "v1", Kind: "ServiceAccount"}:                      &m.account,
		{APIVersion: "v1", Kind: "ConfigMap"}:                           &m.config,
		{APIVersion: "v1", Kind: "Secret"}:                              &m.secret,
		{APIVersion: "autoscaling/v2", Kind: "HorizontalPodAutoscaler"}: &m.scaler,
		{APIVersion: "policy/v1", Kind: "PodDisruptionBudget"}:          &m.budget,
		{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"}:     &m.network,
	}
	paths, err := filepath.Glob(filepath.Join(base, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if filepath.Base(path) == "kustomization.yaml" {
			continue
		}
		var kind metav1.TypeMeta
		text, err := os.ReadFile(path)
		if err == nil {
			err = yaml.Unmarshal(text, &kind)
		}
		into, known := kinds[kind]
		if err != nil || !known {
			t.Fatalf("%s: %+v is none of the kinds, or there are two: %v", path, kind, err)
		}
		decode(t, path, into)
		delete(kinds, kind)
	}
	for kind := range kinds {
		t.Errorf("there is no %s", kind.Kind)
	}
	return m
}

// TestKustomization holds what is applied against the files that there are. The Secret is an example, and is not applied.
func TestKustomization(t *testing.T) {
	var k kustomization
	decode(t, filepath.Join(base, "kustomization.yaml"), &k)
	paths, err := filepath.Glob(filepath.Join(base, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, path := range paths {
		if name := filepath.Base(path); name != "kustomization.yaml" && name != "secret.example.yaml" {
			files = append(files, name)
		}
	}
	slices.Sort(k.Resources)
	if !slices.Equal(k.Resources, files) {
		t.Errorf("applied: %v, there are: %v", k.Resources, files)
	}
	image := readManifests(t).deployment.Spec.Template.Spec.Containers[0].Image
	if len(k.Images) != 1 || k.Images[0].Name != image || image != "robutler-mcp" {
		t.Errorf("the image is %s, and kustomize replaces %+v", image, k.Images)
	}
}

// TestNamesAgree holds the manifests' names, labels and ports against each other.
func TestNamesAgree(t *testing.T) {
	m := readManifests(t)
	pod := m.deployment.Spec.Template
	for what, selector := range map[string]map[string]string{
		"deployment": m.deployment.Spec.Selector.MatchLabels, "service": m.service.Spec.Selector,
		"budget": m.budget.Spec.Selector.MatchLabels, "network policy": m.network.Spec.PodSelector.MatchLabels,
		"spread": pod.Spec.TopologySpreadConstraints[0].LabelSelector.MatchLabels,
	} {
		if !reflect.DeepEqual(selector, pod.Labels) {
			t.Errorf("%s selects %v, the pods are %v", what, selector, pod.Labels)
		}
	}
	if m.scaler.Spec.ScaleTargetRef.Name != m.deployment.Name || m.scaler.Spec.ScaleTargetRef.Kind != "Deployment" {
		t.Errorf("the autoscaler scales %+v", m.scaler.Spec.ScaleTargetRef)
	}
	if pod.Spec.ServiceAccountName != m.account.Name {
		t.Errorf("the pods run as %s", pod.Spec.ServiceAccountName)
	}
	ports := map[string]int32{}
	for _, port := range pod.Spec.Containers[0].Ports {
		ports[port.Name] = port.ContainerPort
	}
	used := []string{m.service.Spec.Ports[0].TargetPort.StrVal}
	for _, rule := range m.network.Spec.Ingress {
		for _, port := range rule.Ports {
			used = append(used, port.Port.StrVal)
		}
	}
	for _, name := range used {
		if ports[name] == 0 {
			t.Errorf("the pods have no port %q", name)
		}
	}
	for _, volume := range pod.Spec.Volumes {
		if (volume.ConfigMap != nil && volume.ConfigMap.Name != m.config.Name) || (volume.Secret != nil && volume.Secret.SecretName != m.secret.Name) {
			t.Errorf("the volume %s is of something that is not there", volume.Name)
		}
	}
}
