package chaos

// mutant is a bug to plant: texts of a file and what replaces them.
type mutant struct {
	name string
	// why says what the bug stands for.
	why string
	// proof is the invariant that must break, since nothing else would show this bug.
	proof int
	edits []edit
}

type edit struct{ file, old, new string }

// plantedBugs are those that the chaos test must find.
func plantedBugs() []mutant {
	const (
		claim  = "internal/consent/journal_claim.go"
		decide = "internal/consent/decide.go"
		seal   = "internal/consent/seal_check.go"
		read   = "internal/consent/journal_read.go"
		retry  = "client/retry.go"
	)
	return []mutant{
		{"no durable commit before sending", "the row is marked as sent when the call has ended", recorded, []edit{
			{claim, "return j.markSent(ctx, tx, asked)\n", "later.Store(asked.ID, asked)\n\t\treturn nil\n"},
			{claim, "made claim, end outcome) error {\n", `made claim, end outcome) error {
	if asked, ok := later.LoadAndDelete(made.ID); ok {
		mark := func(tx *sql.Tx) error { return j.markSent(ctx, tx, asked.(claim)) }
		if err := j.inTransaction(ctx, callerLock(asked.(claim).Caller), mark); err != nil {
			return err
		}
	}
`},
			{claim, "// outcome is how a call ended.", "var later sync.Map\n\n// outcome is how a call ended."},
			{claim, "\t\"fmt\"\n", "\t\"fmt\"\n\t\"sync\"\n"},
		}},
		{"no digest check of the handle", "a handle is good for any arguments", truly, []edit{
			{seal, "case !hmac.Equal(opened.arguments, ", "case false && !hmac.Equal(opened.arguments, "},
			{seal, "if !hmac.Equal(opened.binding, s.bind(now)) {", "if false && !hmac.Equal(opened.binding, s.bind(now)) {"},
		}},
		// The check for duplicates hides this one for ten minutes: it goes too, as if they were over.
		{"no nonce claim", "a handle is good for many calls", once, []edit{
			{decide, "if earlier != nil && earlier.State != Prepared {", "if false {"},
			{claim, "if err == nil && (earlier == nil || earlier.State == Prepared) {", "if err == nil {"},
			{claim, "WHERE robutler_calls.state = 'prepared' AND", "WHERE"},
			{read, "duplicateWindow = 10 * time.Minute", "duplicateWindow = time.Duration(0)"},
		}},
		{"retry of money on 5xx", "the client repeats what the platform may have done", once, []edit{
			{retry, "http.StatusGatewayTimeout:\n\t\treturn class == Read", "http.StatusGatewayTimeout:\n\t\treturn class == Read || class == Money"},
		}},
		{"no lock between replicas", "what decides is read before the lock is had", agreedTo, []edit{
			{claim, "		if found, err = j.judge(ctx, tx, asked); err != nil || !found.granted() {\n\t\t\treturn err\n\t\t}\n", ""},
			{claim, "	err = j.inTransaction(ctx, callerLock(asked.Caller), func(tx", "	if found, err = j.judge(ctx, j.database, asked); err != nil || !found.granted() {\n\t\treturn found, err\n\t}\n\terr = j.inTransaction(ctx, callerLock(asked.Caller), func(tx"},
			{claim, "judge(ctx context.Context, tx *sql.Tx, asked claim)", "judge(ctx context.Context, tx querier, asked claim)"},
		}},
	}
}
