// Package config holds the one configuration of robutler-mcp. A setting comes from its flag, then its environment
// variable, then the configuration file, then its default.
package config

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/client"
)

// Config is everything that can be set. Its fields are bound to flags by the Add functions and completed by [Load].
type Config struct {
	// File is the configuration file, or empty.
	File string
	// Profile names a set of settings within the file that wins over the rest of it, or is empty.
	Profile string

	BaseURL    string
	APIKeyFile string
	// APIKeyCommand is a program with its arguments that prints the API key.
	APIKeyCommand []string
	Timeout       time.Duration
	MaxRetries    int

	Sandbox        bool
	SandboxDB      string
	SandboxProfile string
	ModelURL       string

	// Seed, Faults and RateLimits are the sandbox command's own.
	Seed       string
	Faults     []string
	RateLimits bool

	Toolsets     []string
	Tools        []string
	ExcludeTools []string
	ReadOnly     bool
	NoMoney      bool
	UploadRoots  []string

	// Confirm says which calls somebody has to agree to: auto, always or off.
	Confirm string
	// MaxSpendPerCall and MaxSpendPerDay are limits in credits, as decimals.
	MaxSpendPerCall, MaxSpendPerDay string
	// Journal is a path, :memory: or a postgres:// address; empty for a file in the user's data folder.
	Journal string

	LogLevel  string
	LogFormat string
	LogFile   string

	Telemetry Telemetry

	// Addr is where the http and sandbox commands listen.
	Addr           string
	AllowedHosts   []string
	AllowedOrigins []string
	// Stateless serves HTTP without sessions, for replicas.
	Stateless bool
	// TLSCert and TLSKey are PEM files, and BehindProxy says that a proxy secures the connection in their place.
	TLSCert, TLSKey string
	BehindProxy     bool

	// Authentication says who calls over HTTP.
	Authentication

	// platformOnly says that the command is the embedded platform itself.
	platformOnly bool

	// Key is the API key, if one was found, and KeyProblem says why not in words for the user.
	Key        Secret
	KeyProblem string
	// KeyOrigin is the variable or file that the key is from.
	KeyOrigin string
	// Origins are the settings that are not as by default, with where they are from.
	Origins []Origin
}

// MemoryDatabase is the name of a database that lives in memory.
const MemoryDatabase = ":memory:"

// AddShared declares the flags that all commands that reach a platform share.
func (c *Config) AddShared(flags *pflag.FlagSet) {
	c.addFile(flags)
	flags.StringVar(&c.BaseURL, "base-url", client.DefaultBaseURL, "address of the Robutler Platform")
	flags.StringVar(&c.APIKeyFile, "api-key-file", "", "`file` that holds the API key (mode 0600)")
	flags.StringSliceVar(&c.APIKeyCommand, "api-key-command", nil, "`program` that prints the API key, and its arguments, separated by commas")
	flags.DurationVar(&c.Timeout, "timeout", client.DefaultTimeout, "limit of one attempt of a platform call")
	flags.IntVar(&c.MaxRetries, "max-retries", client.DefaultMaxRetries, "most repeats of a call that may be repeated (0-10)")
	c.addSandbox(flags)
	flags.StringSliceVar(&c.Toolsets, "toolsets", nil, "toolsets to offer, or default, or all; with :ro only what reads")
	flags.StringSliceVar(&c.Tools, "tools", nil, "single tools to offer")
	flags.StringSliceVar(&c.ExcludeTools, "exclude-tools", nil, "tools to leave out")
	flags.BoolVar(&c.ReadOnly, "read-only", false, "offer only tools that change nothing")
	flags.BoolVar(&c.NoMoney, "no-money", false, "leave out tools that move money")
	c.addConsent(flags)
	flags.StringSliceVar(&c.UploadRoots, "upload-root", nil, "`folder` that upload_content may read files from (repeatable)")
	c.addLog(flags)
}

// AddJournal declares the flags that find the journal of calls that move money.
func (c *Config) AddJournal(flags *pflag.FlagSet) {
	flags.StringVar(&c.Journal, "journal", "",
		"where calls that move money are kept: a `path`, :memory: or postgres://... (default: a file in the user's data folder)")
}

// AddJournalCommand declares the flags of the commands that look at the journal.
func (c *Config) AddJournalCommand(flags *pflag.FlagSet) {
	c.addFile(flags)
	c.addSandbox(flags)
	c.AddJournal(flags)
	c.addLog(flags)
}

func (c *Config) addConsent(flags *pflag.FlagSet) {
	flags.StringVar(&c.Confirm, "confirm", "auto",
		"calls that somebody has to agree to: auto (those that delete, show secrets or move money), always (all that change anything) or off")
	flags.StringVar(&c.MaxSpendPerCall, "max-spend-per-call", "1", "most `credits` that a call may move; 1 credit = 1 US dollar")
	flags.StringVar(&c.MaxSpendPerDay, "max-spend-per-day", "10", "most `credits` that all calls of a day (UTC) may move")
	c.AddJournal(flags)
}

// AddHTTP declares the flags of the http command.
func (c *Config) AddHTTP(flags *pflag.FlagSet) {
	flags.StringVar(&c.Addr, "addr", "127.0.0.1:8080", "address to listen on")
	flags.StringSliceVar(&c.AllowedHosts, "allowed-host", nil, "further Host header to accept (repeatable)")
	flags.StringSliceVar(&c.AllowedOrigins, "allowed-origin", nil, "Origin header to accept (repeatable, default none)")
	flags.BoolVar(&c.Stateless, "stateless", false, "no sessions and no SSE: any of several replicas serves any request")
	flags.StringVar(&c.TLSCert, "tls-cert", "", "PEM `file` of the TLS certificate, with its chain; read anew when it changes")
	flags.StringVar(&c.TLSKey, "tls-key", "", "PEM `file` of the TLS certificate's key")
	flags.BoolVar(&c.BehindProxy, "behind-proxy", false, "a proxy in front of this server speaks TLS with clients")
	c.addAuthentication(flags)
}

// AddSandboxServer declares the flags of the sandbox command.
func (c *Config) AddSandboxServer(flags *pflag.FlagSet) {
	c.platformOnly = true
	flags.StringVar(&c.Addr, "addr", "127.0.0.1:3000", "address to listen on")
	c.addFile(flags)
	c.addDatabase(flags)
	flags.StringVar(&c.Seed, "seed", "", "JSON `file` that fills an empty database instead of the built-in data")
	flags.StringArrayVar(&c.Faults, "fault", nil, "`fault` to inject, such as \"POST /api/payments/* every=3 status=503\" (repeatable)")
	flags.BoolVar(&c.RateLimits, "rate-limits", false, "apply the platform's documented rate limits")
	c.addLog(flags)
}

func (c *Config) addFile(flags *pflag.FlagSet) {
	flags.StringVar(&c.File, "config", "", "configuration `file` (YAML; keys are the flags' names)")
	flags.StringVar(&c.Profile, "profile", "", "profile of the configuration file to use")
}

func (c *Config) addSandbox(flags *pflag.FlagSet) {
	flags.BoolVar(&c.Sandbox, "sandbox", false, "use the embedded platform: no account, no network")
	c.addDatabase(flags)
}

func (c *Config) addDatabase(flags *pflag.FlagSet) {
	flags.StringVar(&c.SandboxDB, "sandbox-db", "",
		"database of the embedded platform: a `path` or :memory: (default: a file in the user's data folder)")
	flags.StringVar(&c.SandboxProfile, "sandbox-profile", "both", "generation that the embedded platform plays: 2025, 2026 or both")
	flags.StringVar(&c.ModelURL, "llm-url", "", "OpenAI-compatible `address` that speaks for the embedded platform's agents")
}

func (c *Config) addLog(flags *pflag.FlagSet) {
	flags.StringVar(&c.LogLevel, "log-level", "warn", "debug, info, warn or error")
	flags.StringVar(&c.LogFormat, "log-format", "text", "text or json")
	flags.StringVar(&c.LogFile, "log-file", "", "`file` to append the log to (default: stderr)")
}
