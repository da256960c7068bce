package packages

import (
	"encoding/json"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// materials is what the tests need of a bill of materials, see https://cyclonedx.org/docs/1.6/json/.
type materials struct {
	BOMFormat   string
	SpecVersion string
	Serial      string `json:"serialNumber"`
	Metadata    struct {
		Timestamp  string
		Component  struct{ Name, Version string }
		Properties []struct{ Name, Value string }
	}
	Components []struct {
		Name, Version string
		Evidence      struct{ Licenses []any }
	}
}

// checkBillOfMaterials compares it with what the binary itself says it is made of.
func checkBillOfMaterials(t *testing.T, platform, sum string, info *debug.BuildInfo) {
	t.Helper()
	var m materials
	if err := json.Unmarshal(read(t, find(t, "robutler-mcp_*_"+platform+".sbom.json")), &m); err != nil {
		t.Fatal(err)
	}
	if m.BOMFormat != "CycloneDX" || m.SpecVersion != "1.6" || m.Metadata.Component.Version != "v"+metadata(t).Version {
		t.Errorf("%s %s of %+v", m.BOMFormat, m.SpecVersion, m.Metadata.Component)
	}
	if m.Serial != "" || m.Metadata.Timestamp != "" {
		t.Error("a serial number or a time makes it another one in each build")
	}
	if !slices.ContainsFunc(m.Metadata.Properties, func(p struct{ Name, Value string }) bool {
		return p.Name == "cdx:gomod:binary:hash:SHA-256" && p.Value == sum
	}) {
		t.Errorf("it is of another binary than that with the sum %s", sum)
	}
	var listed, compiled, unlicensed []string
	for _, component := range m.Components {
		if component.Name == "std" {
			continue
		}
		listed = append(listed, component.Name+" "+component.Version)
		if len(component.Evidence.Licenses) == 0 {
			unlicensed = append(unlicensed, component.Name)
		}
	}
	for _, module := range info.Deps {
		compiled = append(compiled, module.Path+" "+module.Version)
	}
	slices.Sort(listed)
	slices.Sort(compiled)
	if !slices.Equal(listed, compiled) {
		t.Errorf("it lists %v\nthe binary holds %v", listed, compiled)
	}
	if len(unlicensed) > 0 {
		t.Errorf("no license was found for %s", strings.Join(unlicensed, ", "))
	}
}
