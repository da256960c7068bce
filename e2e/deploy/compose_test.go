package deploy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// composeFile is what is used of the compose specification.
type composeFile struct {
	Name     string                     `json:"name"`
	Replica  composeService             `json:"x-replica"`
	Services map[string]composeService  `json:"services"`
	Networks map[string]composeNetwork  `json:"networks"`
	Volumes  map[string]struct{}        `json:"volumes"`
	Secrets  map[string]composeFromFile `json:"secrets"`
}

type composeNetwork struct {
	Internal bool `json:"internal"`
}

type composeFromFile struct {
	File string `json:"file"`
}

type composeService struct {
	Image           string              `json:"image"`
	Build           map[string]string   `json:"build"`
	Command         []string            `json:"command"`
	Environment     map[string]string   `json:"environment"`
	Secrets         []string            `json:"secrets"`
	Volumes         []string            `json:"volumes"`
	Networks        []string            `json:"networks"`
	Ports           []string            `json:"ports"`
	DependsOn       any                 `json:"depends_on"`
	Healthcheck     *composeHealthcheck `json:"healthcheck"`
	ReadOnly        bool                `json:"read_only"`
	User            string              `json:"user"`
	CapDrop         []string            `json:"cap_drop"`
	SecurityOpt     []string            `json:"security_opt"`
	StopGracePeriod string              `json:"stop_grace_period"`
	Restart         string              `json:"restart"`
	MemLimit        string              `json:"mem_limit"`
	PidsLimit       int                 `json:"pids_limit"`
}

type composeHealthcheck struct {
	Test     []string `json:"test"`
	Interval string   `json:"interval"`
	Timeout  string   `json:"timeout"`
	Retries  int      `json:"retries"`
}

func readCompose(t *testing.T) *composeFile {
	t.Helper()
	c := &composeFile{}
	decode(t, "../../deploy/compose.yaml", c)
	return c
}

// TestCompose checks that three equal replicas without rights stand behind the balancer, and that nothing is used that is
// not there.
func TestCompose(t *testing.T) {
	c := readCompose(t)
	balancer := c.Services["haproxy"]
	for i := range 3 {
		name := fmt.Sprintf("replica%d", i+1)
		if !reflect.DeepEqual(c.Services[name], c.Replica) {
			t.Errorf("%s is not as the others", name)
		}
		if got := balancer.Environment[fmt.Sprintf("REPLICA_%d", i+1)]; got != name+":8080" {
			t.Errorf("the balancer looks for %s at %s", name, got)
		}
	}
	r := c.Replica
	grace, err := time.ParseDuration(r.StopGracePeriod)
	if err != nil || grace < longestCall {
		t.Errorf("a replica is killed %s after it was asked to end", r.StopGracePeriod)
	}
	if r.User != "65532:65532" || len(r.Ports) > 0 || r.MemLimit == "" || r.Build["dockerfile"] != "deploy/Containerfile" {
		t.Errorf("replica: %+v", r)
	}
	for name, service := range c.Services {
		if strings.HasSuffix(service.Image, ":latest") && name == "haproxy" || !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: %+v", name, service)
		}
		if name != "postgres" && (!service.ReadOnly || !slices.Equal(service.CapDrop, []string{"ALL"})) {
			t.Errorf("%s can write to its image, or has capabilities", name)
		}
		for _, secret := range service.Secrets {
			if c.Secrets[secret].File != "./secrets/"+secret {
				t.Errorf("%s: the secret %s is in %q", name, secret, c.Secrets[secret].File)
			}
		}
		for _, network := range service.Networks {
			if _, ok := c.Networks[network]; !ok {
				t.Errorf("%s: there is no network %s", name, network)
			}
		}
	}
	if !c.Networks["front"].Internal || !c.Networks["journal"].Internal || !slices.Equal(c.Services["postgres"].Networks, []string{"journal"}) {
		t.Error("journal or replicas can be reached from elsewhere")
	}
	if !slices.Contains(balancer.Volumes, "./haproxy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro") {
		t.Errorf("the balancer's configuration: %v", balancer.Volumes)
	}
}

// TestBalancerUnderstandsItsSettings lets HAProxy read its configuration as compose fills it in, with TLS.
func TestBalancerUnderstandsItsSettings(t *testing.T) {
	program := "/usr/sbin/haproxy"
	if _, err := os.Stat(program); err != nil {
		if program, err = exec.LookPath("haproxy"); err != nil {
			t.Skip("NOT TESTED: there is no HAProxy")
		}
	}
	certificate := writeCertificate(t)
	check := exec.CommandContext(t.Context(), program, "-c", "-f", "../../deploy/haproxy/haproxy.cfg")
	check.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range readCompose(t).Services["haproxy"].Environment {
		value = strings.ReplaceAll(expand(value), "/run/secrets/tls.pem", certificate)
		if strings.HasPrefix(name, "REPLICA_") {
			value = "127.0.0.1:8080" // there is nobody to ask for the name
		}
		check.Env = append(check.Env, name+"="+value)
	}
	output, err := check.CombinedOutput()
	if err != nil || strings.Contains(string(output), "[WARNING]") || strings.Contains(string(output), "[ALERT]") {
		t.Errorf("%v: %s", err, output)
	}
}

// expand fills in variables that have a default, as compose does.
func expand(text string) string {
	return os.Expand(text, func(name string) string {
		_, value, _ := strings.Cut(name, ":-")
		return value
	})
}

// writeCertificate writes a certificate and its key into one file.
func writeCertificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mcp.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tls.pem")
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
