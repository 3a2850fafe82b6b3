PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1: jobs, runs, agents');
INSERT INTO grdb_migrations VALUES('2: idempotency keys');
INSERT INTO grdb_migrations VALUES('3: orders, drains, deletion');
INSERT INTO grdb_migrations VALUES('4: API keys and audit');
INSERT INTO grdb_migrations VALUES('5: enrolment');
INSERT INTO grdb_migrations VALUES('6: ends of certificates');
INSERT INTO grdb_migrations VALUES('7: records and listings');
INSERT INTO grdb_migrations VALUES('8: feed');
INSERT INTO grdb_migrations VALUES('9: webhooks');
CREATE TABLE meta (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    store_id TEXT NOT NULL,
    write_checks INTEGER NOT NULL
, boot_id TEXT, clock_offset INTEGER, feed INTEGER NOT NULL DEFAULT 0, webhook_feed INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO meta VALUES(1,'e434a4f9-ea18-8ac6-57bc-72e722ac2f4f',0,'00000000-0000-0000-0000-000000000000',1795637326413,0,0);
CREATE TABLE agents (
    agent INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    hostname TEXT UNIQUE,
    labels TEXT NOT NULL,
    facts TEXT NOT NULL,
    version TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    last_delivery INTEGER NOT NULL DEFAULT 0,
    offered_delivery INTEGER NOT NULL DEFAULT 0,
    held_delivery INTEGER NOT NULL DEFAULT 0
, ledger_id TEXT, drained_at INTEGER, drained_by TEXT, drain_reason TEXT, certificate_expires_at INTEGER) STRICT;
INSERT INTO agents VALUES(1,'@web-1@','web-1','{"env":"test"}','{"cpus":2,"os":{"id":"debian"}}','0.1.0',1795674467529,1795674467529,7,7,7,'504448a360c7afc0996d290a4d9cffa6',NULL,NULL,NULL,1827210467000);
INSERT INTO agents VALUES(2,'@web-2@','web-2','{"env":"test"}','{"cpus":2,"os":{"id":"debian"}}','0.1.0',1795674467538,1795674467538,3,2,2,'72360ffbf12d9c30e75d5e287788f1b1',NULL,NULL,NULL,1827210467000);
CREATE TABLE jobs (
    job INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    status TEXT NOT NULL,
    operation_type TEXT NOT NULL,
    target TEXT NOT NULL,
    note TEXT,
    created_by TEXT,
    created_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    hard_end_at INTEGER NOT NULL,
    next_check_at INTEGER NOT NULL,
    acknowledged_at INTEGER,
    completed_at INTEGER,
    pending INTEGER NOT NULL CHECK (pending >= 0),
    acknowledged INTEGER NOT NULL CHECK (acknowledged >= 0),
    started INTEGER NOT NULL CHECK (started >= 0),
    completed INTEGER NOT NULL CHECK (completed >= 0),
    failed INTEGER NOT NULL CHECK (failed >= 0),
    skipped INTEGER NOT NULL CHECK (skipped >= 0),
    timed_out INTEGER NOT NULL CHECK (timed_out >= 0),
    cancelled INTEGER NOT NULL CHECK (cancelled >= 0),
    expired INTEGER NOT NULL CHECK (expired >= 0),
    lost INTEGER NOT NULL CHECK (lost >= 0),
    changed_count INTEGER NOT NULL,
    unchanged_count INTEGER NOT NULL,
    timeline_count INTEGER NOT NULL,
    timeline_time INTEGER NOT NULL
, retry_max_attempts INTEGER, retry_backoff_ms INTEGER, on_interrupt TEXT NOT NULL DEFAULT 'fail', parallel INTEGER NOT NULL DEFAULT 0, is_exclusive INTEGER NOT NULL DEFAULT 0, awaits_go INTEGER NOT NULL DEFAULT 0, retry_of BLOB, cancel_requested_at INTEGER, cancel_requested_by TEXT, cancel_reason TEXT, is_deleted INTEGER NOT NULL DEFAULT 0, started_at INTEGER, status_updated_at INTEGER, changed INTEGER, labels TEXT, error_code TEXT, error_message TEXT, error_count INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO jobs VALUES(7355082619117568,X'01a21689ece67000a2935099adfe7701','completed','command.shell','_all','completed','dump',1795674467558,1795678067558,1795678667558,1795678067558,1795674467570,1795674467596,0,0,0,2,0,0,0,0,0,0,2,0,7,1795674467596,NULL,NULL,'fail',1,0,0,NULL,NULL,NULL,NULL,0,1795674467571,1795674467596,1,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(7355082619199488,X'01a21689ecfa70009cf9a2699835eb8a','failed','command.shell','web-1','failed','dump',1795674467578,1795678067578,1795678667578,1795678067578,1795674467587,1795674467596,0,0,0,0,1,0,0,0,0,0,0,0,4,1795674467596,NULL,NULL,'fail',1,0,0,NULL,NULL,NULL,NULL,0,1795674467587,1795674467596,NULL,NULL,'non_zero_exit','exit code 3',1);
INSERT INTO jobs VALUES(7355082619289600,X'01a21689ed1070008c065304049a2622','partial_failure','command.shell','_all','partial','dump',1795674467600,1795678067600,1795678667600,1795678067600,1795674467606,1795674467618,0,0,0,1,1,0,0,0,0,0,1,0,7,1795674467618,NULL,NULL,'fail',1,0,0,NULL,NULL,NULL,NULL,0,1795674467606,1795674467618,1,NULL,'non_zero_exit','exit code 1',1);
INSERT INTO jobs VALUES(7355082620084224,X'01a21689edd27000905d5f6e255c09f0','submitted','command.shell','web-2','offline','dump',1795674467794,1795678067794,1795678667794,1795678067794,NULL,NULL,1,0,0,0,0,0,0,0,0,0,0,0,1,1795674467794,NULL,NULL,'fail',1,0,0,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(7355082620145664,X'01a21689ede170009ed9b787886102be','processing','command.shell','web-1','untold','dump',1795674467809,1795678067809,1795678667809,1795678067809,1795674467815,NULL,0,0,1,0,0,0,0,0,0,0,0,0,3,1795674467817,NULL,NULL,'fail',1,0,0,NULL,NULL,NULL,NULL,0,1795674467817,1795674467815,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(7355082620207104,X'01a21689edf0700086c485a230da744c','processing','command.shell','web-1','interrupted','dump',1795674467824,1795678067824,1795678667824,1795678067824,1795674467836,NULL,0,0,1,0,0,0,0,0,0,0,0,0,3,1795674467838,NULL,NULL,'fail',1,0,0,NULL,NULL,NULL,NULL,0,1795674467838,1795674467836,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(7355082620280832,X'01a21689ee0270009135e8f36063c49e','processing','command.shell','web-1','second','dump',1795674467842,1795678067842,1795678667842,1795678067842,1795674467849,NULL,0,1,0,0,0,0,0,0,0,0,0,0,2,1795674467849,NULL,NULL,'fail',1,0,0,NULL,NULL,NULL,NULL,0,NULL,1795674467849,NULL,NULL,NULL,NULL,0);
INSERT INTO jobs VALUES(7355082620346368,X'01a21689ee127000a4afd930822a5e0c','processing','command.shell','web-1','held','dump',1795674467858,1795678067858,1795678667858,1795678067858,1795674467872,NULL,0,1,0,0,0,0,0,0,0,0,0,0,2,1795674467872,NULL,NULL,'fail',1,0,0,NULL,NULL,NULL,NULL,0,NULL,1795674467872,NULL,NULL,NULL,NULL,0);
CREATE TABLE job_operations (job INTEGER PRIMARY KEY REFERENCES jobs, data TEXT NOT NULL) STRICT;
INSERT INTO job_operations VALUES(7355082619117568,'{"command":"echo out"}');
INSERT INTO job_operations VALUES(7355082619199488,'{"command":"exit 3"}');
INSERT INTO job_operations VALUES(7355082619289600,'{"command":"test $BROKER_HOSTNAME = web-2"}');
INSERT INTO job_operations VALUES(7355082620084224,'{"command":"echo later"}');
INSERT INTO job_operations VALUES(7355082620145664,'{"command":"sleep 5; echo told"}');
INSERT INTO job_operations VALUES(7355082620207104,'{"command":": interrupted; sleep 3600; echo never"}');
INSERT INTO job_operations VALUES(7355082620280832,'{"command":": second; sleep 3600; echo never"}');
INSERT INTO job_operations VALUES(7355082620346368,'{"command":"echo held"}');
CREATE TABLE runs (
    job INTEGER NOT NULL REFERENCES jobs,
    agent INTEGER NOT NULL REFERENCES agents,
    hostname TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    delivery INTEGER NOT NULL,
    changed INTEGER,
    error_code TEXT,
    error_message TEXT,
    acknowledged_at INTEGER,
    started_at INTEGER,
    completed_at INTEGER,
    PRIMARY KEY (job, agent)
) STRICT, WITHOUT ROWID;
INSERT INTO runs VALUES(7355082619117568,1,'web-1','completed',1,1,1,NULL,NULL,1795674467570,1795674467571,1795674467596);
INSERT INTO runs VALUES(7355082619117568,2,'web-2','completed',1,1,1,NULL,NULL,1795674467571,1795674467571,1795674467591);
INSERT INTO runs VALUES(7355082619199488,1,'web-1','failed',1,2,NULL,'non_zero_exit','exit code 3',1795674467587,1795674467587,1795674467596);
INSERT INTO runs VALUES(7355082619289600,1,'web-1','failed',1,3,NULL,'non_zero_exit','exit code 1',1795674467612,1795674467612,1795674467616);
INSERT INTO runs VALUES(7355082619289600,2,'web-2','completed',1,2,1,NULL,NULL,1795674467606,1795674467606,1795674467618);
INSERT INTO runs VALUES(7355082620084224,2,'web-2','pending',1,3,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO runs VALUES(7355082620145664,1,'web-1','started',1,4,NULL,NULL,NULL,1795674467815,1795674467817,NULL);
INSERT INTO runs VALUES(7355082620207104,1,'web-1','started',1,5,NULL,NULL,NULL,1795674467836,1795674467838,NULL);
INSERT INTO runs VALUES(7355082620280832,1,'web-1','acknowledged',1,6,NULL,NULL,NULL,1795674467849,NULL,NULL);
INSERT INTO runs VALUES(7355082620346368,1,'web-1','acknowledged',1,7,NULL,NULL,NULL,1795674467872,NULL,NULL);
CREATE TABLE run_data (
    job INTEGER NOT NULL,
    agent INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (job, agent),
    FOREIGN KEY (job, agent) REFERENCES runs
) STRICT;
INSERT INTO run_data VALUES(7355082619117568,2,'{"duration_ms":0,"exit_code":0,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"out\n","stdout_bytes":4,"stdout_encoding":"utf-8","stdout_sha256":"54034ac5c6e9ea95734ec2b729fd6d62abf64af34a9f9ce5d466cb788191a73d","stdout_truncated":false}');
INSERT INTO run_data VALUES(7355082619117568,1,'{"duration_ms":1,"exit_code":0,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"out\n","stdout_bytes":4,"stdout_encoding":"utf-8","stdout_sha256":"54034ac5c6e9ea95734ec2b729fd6d62abf64af34a9f9ce5d466cb788191a73d","stdout_truncated":false}');
INSERT INTO run_data VALUES(7355082619199488,1,'{"duration_ms":0,"exit_code":3,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"","stdout_bytes":0,"stdout_encoding":"utf-8","stdout_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stdout_truncated":false}');
INSERT INTO run_data VALUES(7355082619289600,1,'{"duration_ms":0,"exit_code":1,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"","stdout_bytes":0,"stdout_encoding":"utf-8","stdout_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stdout_truncated":false}');
INSERT INTO run_data VALUES(7355082619289600,2,'{"duration_ms":0,"exit_code":0,"signal":null,"stderr":"","stderr_bytes":0,"stderr_encoding":"utf-8","stderr_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stderr_truncated":false,"stdout":"","stdout_bytes":0,"stdout_encoding":"utf-8","stdout_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","stdout_truncated":false}');
CREATE TABLE events (
    job INTEGER NOT NULL REFERENCES jobs,
    sequence INTEGER NOT NULL,
    time INTEGER NOT NULL,
    event TEXT NOT NULL,
    hostname TEXT,
    message TEXT,
    error_code TEXT,
    error_message TEXT, feed INTEGER,
    PRIMARY KEY (job, sequence)
) STRICT, WITHOUT ROWID;
INSERT INTO events VALUES(7355082619117568,1,1795674467558,'submitted',NULL,'command.shell for 2 agents',NULL,NULL,1);
INSERT INTO events VALUES(7355082619117568,2,1795674467570,'acknowledged','web-1',NULL,NULL,NULL,2);
INSERT INTO events VALUES(7355082619117568,3,1795674467571,'started','web-1',NULL,NULL,NULL,3);
INSERT INTO events VALUES(7355082619117568,4,1795674467571,'acknowledged','web-2',NULL,NULL,NULL,4);
INSERT INTO events VALUES(7355082619117568,5,1795674467571,'started','web-2',NULL,NULL,NULL,5);
INSERT INTO events VALUES(7355082619117568,6,1795674467591,'completed','web-2','exit code 0, changed',NULL,NULL,9);
INSERT INTO events VALUES(7355082619117568,7,1795674467596,'completed','web-1','exit code 0, changed',NULL,NULL,10);
INSERT INTO events VALUES(7355082619199488,1,1795674467578,'submitted',NULL,'command.shell for 1 agent',NULL,NULL,6);
INSERT INTO events VALUES(7355082619199488,2,1795674467587,'acknowledged','web-1',NULL,NULL,NULL,7);
INSERT INTO events VALUES(7355082619199488,3,1795674467587,'started','web-1',NULL,NULL,NULL,8);
INSERT INTO events VALUES(7355082619199488,4,1795674467596,'failed','web-1','exit code 3','non_zero_exit','exit code 3',11);
INSERT INTO events VALUES(7355082619289600,1,1795674467600,'submitted',NULL,'command.shell for 2 agents',NULL,NULL,12);
INSERT INTO events VALUES(7355082619289600,2,1795674467606,'acknowledged','web-2',NULL,NULL,NULL,13);
INSERT INTO events VALUES(7355082619289600,3,1795674467606,'started','web-2',NULL,NULL,NULL,14);
INSERT INTO events VALUES(7355082619289600,4,1795674467612,'acknowledged','web-1',NULL,NULL,NULL,15);
INSERT INTO events VALUES(7355082619289600,5,1795674467612,'started','web-1',NULL,NULL,NULL,16);
INSERT INTO events VALUES(7355082619289600,6,1795674467616,'failed','web-1','exit code 1','non_zero_exit','exit code 1',17);
INSERT INTO events VALUES(7355082619289600,7,1795674467618,'completed','web-2','exit code 0, changed',NULL,NULL,18);
INSERT INTO events VALUES(7355082620084224,1,1795674467794,'submitted',NULL,'command.shell for 1 agent',NULL,NULL,19);
INSERT INTO events VALUES(7355082620145664,1,1795674467809,'submitted',NULL,'command.shell for 1 agent',NULL,NULL,20);
INSERT INTO events VALUES(7355082620145664,2,1795674467815,'acknowledged','web-1',NULL,NULL,NULL,21);
INSERT INTO events VALUES(7355082620145664,3,1795674467817,'started','web-1',NULL,NULL,NULL,22);
INSERT INTO events VALUES(7355082620207104,1,1795674467824,'submitted',NULL,'command.shell for 1 agent',NULL,NULL,23);
INSERT INTO events VALUES(7355082620207104,2,1795674467836,'acknowledged','web-1',NULL,NULL,NULL,24);
INSERT INTO events VALUES(7355082620207104,3,1795674467838,'started','web-1',NULL,NULL,NULL,25);
INSERT INTO events VALUES(7355082620280832,1,1795674467842,'submitted',NULL,'command.shell for 1 agent',NULL,NULL,26);
INSERT INTO events VALUES(7355082620280832,2,1795674467849,'acknowledged','web-1',NULL,NULL,NULL,27);
INSERT INTO events VALUES(7355082620346368,1,1795674467858,'submitted',NULL,'command.shell for 1 agent',NULL,NULL,28);
INSERT INTO events VALUES(7355082620346368,2,1795674467872,'acknowledged','web-1',NULL,NULL,NULL,29);
CREATE TABLE orders (
    agent INTEGER NOT NULL REFERENCES agents,
    delivery INTEGER NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs,
    kind TEXT NOT NULL CHECK (kind IN ('cancel', 'go')),
    grace_ms INTEGER,
    requested_by TEXT,
    PRIMARY KEY (agent, delivery)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "idempotency_keys" (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    job INTEGER REFERENCES jobs,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency_keys VALUES('dump','key-completed','44b45829b10002a2461ac6ea77f6693c9deef8b32246e13de110454288d55bec',7355082619117568,1795674467558);
INSERT INTO idempotency_keys VALUES('dump','key-failed','4549fbdbcf44cc766c6e1f10f9c7bdbd760f3b7ad87e102bd87c618cda5a7894',7355082619199488,1795674467578);
INSERT INTO idempotency_keys VALUES('dump','key-held','bd339daaaf1b3206996871d5f316185478721c5c4255ae5c665a08ed4643b98d',7355082620346368,1795674467858);
INSERT INTO idempotency_keys VALUES('dump','key-interrupted','685408cc2bb3e973933cba9e2ada5638db4018db9442b9cb5bcba140aa0dc9bb',7355082620207104,1795674467824);
INSERT INTO idempotency_keys VALUES('dump','key-offline','17f780a50fdda4198e0dae885d67ed02c5b3a05166ce5c31c3bce2ff9cd50333',7355082620084224,1795674467794);
INSERT INTO idempotency_keys VALUES('dump','key-partial','8ecec096cd06a268f504347c8b86c442a20efe182d304be9450d9ca66f6e38f8',7355082619289600,1795674467600);
INSERT INTO idempotency_keys VALUES('dump','key-second','357005037d17752ba2a8f329a6e6b3b7cf9c976984b7aac002c0ec7f52186edb',7355082620280832,1795674467842);
INSERT INTO idempotency_keys VALUES('dump','key-untold','007cd79da793d88e17c86eaa8a030f779cbe9db727644de9fecf393e20ed06fa',7355082620145664,1795674467809);
CREATE TABLE api_keys (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    scopes TEXT NOT NULL,
    target TEXT,
    operations TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER,
    revoked_by TEXT
) STRICT;
INSERT INTO api_keys VALUES(1,'brk_61a522264ed4','dump',X'46add810185e17d98299e5604684e9af4071e97c23edc3dd1406983cc041668b','admin',NULL,NULL,1795674467338,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    actor TEXT,
    key_id TEXT,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    address TEXT,
    request_id TEXT,
    job_id TEXT,
    subject TEXT,
    detail TEXT,
    count INTEGER NOT NULL,
    previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO audit VALUES(1,1795674467338,NULL,NULL,'createKey','done',NULL,NULL,NULL,NULL,'dump (brk_61a522264ed4)','scopes admin; on the controller''s host',1,X'0000000000000000000000000000000000000000000000000000000000000000',X'3f18b7576372d78531e10d3bce0a1f5854070792544429bf6c3f42a8c1c40ad4');
INSERT INTO audit VALUES(2,1795674467558,'dump','brk_61a522264ed4','submitJob','done',NULL,'127.0.0.1','f9c3e10dabd29d06','01a21689-ece6-7000-a293-5099adfe7701',NULL,'command.shell on 2 agents: _all',1,X'3f18b7576372d78531e10d3bce0a1f5854070792544429bf6c3f42a8c1c40ad4',X'b426c20a3015fe9b0aab38fcd05fc7b1f905976bf5a58d0b5fdd34374d126899');
INSERT INTO audit VALUES(3,1795674467578,'dump','brk_61a522264ed4','submitJob','done',NULL,'127.0.0.1','e82830de0a8ca5d4','01a21689-ecfa-7000-9cf9-a2699835eb8a',NULL,'command.shell on 1 agent: web-1',1,X'b426c20a3015fe9b0aab38fcd05fc7b1f905976bf5a58d0b5fdd34374d126899',X'ea0754e0b0b21559ab958f368fdccc907c421a32d6ae9e8b0518d101969542e4');
INSERT INTO audit VALUES(4,1795674467600,'dump','brk_61a522264ed4','submitJob','done',NULL,'127.0.0.1','cd493f8b79e1bf8e','01a21689-ed10-7000-8c06-5304049a2622',NULL,'command.shell on 2 agents: _all',1,X'ea0754e0b0b21559ab958f368fdccc907c421a32d6ae9e8b0518d101969542e4',X'9c3df5bd6eaa9b50fe4d8a9503b07094b9f95c2b9ceffb1501e32517d39a6c17');
INSERT INTO audit VALUES(5,1795674467794,'dump','brk_61a522264ed4','submitJob','done',NULL,'127.0.0.1','1615431102152df2','01a21689-edd2-7000-905d-5f6e255c09f0',NULL,'command.shell on 1 agent: web-2',1,X'9c3df5bd6eaa9b50fe4d8a9503b07094b9f95c2b9ceffb1501e32517d39a6c17',X'd4432edf3b219300d99585ea0b07aff1213d4270c865a02fa8f152f68a31db5f');
INSERT INTO audit VALUES(6,1795674467809,'dump','brk_61a522264ed4','submitJob','done',NULL,'127.0.0.1','09a4cc53540bd8d0','01a21689-ede1-7000-9ed9-b787886102be',NULL,'command.shell on 1 agent: web-1',1,X'd4432edf3b219300d99585ea0b07aff1213d4270c865a02fa8f152f68a31db5f',X'15e3a97608d44002a8d8631a7df32007ffa332ce074994e8bb2ae71a9f3a4832');
INSERT INTO audit VALUES(7,1795674467824,'dump','brk_61a522264ed4','submitJob','done',NULL,'127.0.0.1','d5e933e8b82438c9','01a21689-edf0-7000-86c4-85a230da744c',NULL,'command.shell on 1 agent: web-1',1,X'15e3a97608d44002a8d8631a7df32007ffa332ce074994e8bb2ae71a9f3a4832',X'0d3416e2fca42c6252cd83fdf989096ffb441fe48cd7e7fce9006474a3d10bb1');
INSERT INTO audit VALUES(8,1795674467842,'dump','brk_61a522264ed4','submitJob','done',NULL,'127.0.0.1','67665b425c6a4334','01a21689-ee02-7000-9135-e8f36063c49e',NULL,'command.shell on 1 agent: web-1',1,X'0d3416e2fca42c6252cd83fdf989096ffb441fe48cd7e7fce9006474a3d10bb1',X'13bf621b3f4ab86ffa7ef846e808d6f5599305cdcd457d175589444dd6665dde');
INSERT INTO audit VALUES(9,1795674467858,'dump','brk_61a522264ed4','submitJob','done',NULL,'127.0.0.1','801d0597043e27b7','01a21689-ee12-7000-a4af-d930822a5e0c',NULL,'command.shell on 1 agent: web-1',1,X'13bf621b3f4ab86ffa7ef846e808d6f5599305cdcd457d175589444dd6665dde',X'6f43c468e8cf0ca26f8f04d8b5f2beb391a9216822d914f10d04e739afbb3f0b');
CREATE TABLE join_tokens (
    token INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    secret_hash TEXT NOT NULL UNIQUE,
    labels TEXT NOT NULL,
    uses INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0 CHECK (used <= uses),
    created_at INTEGER NOT NULL,
    created_by TEXT,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE TABLE enrolments (
    enrolment INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL UNIQUE,
    hostname TEXT NOT NULL COLLATE NOCASE,
    state TEXT NOT NULL,
    conflict INTEGER NOT NULL,
    labels TEXT NOT NULL,
    address TEXT NOT NULL,
    network TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by TEXT
) STRICT;
CREATE TABLE agent_keys (
    fingerprint TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE revocations (
    subject TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL,
    revoked_at INTEGER NOT NULL,
    revoked_by TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE job_errors (
    job INTEGER NOT NULL REFERENCES jobs,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 0),
    PRIMARY KEY (job, code)
) STRICT, WITHOUT ROWID;
INSERT INTO job_errors VALUES(7355082619199488,'non_zero_exit','exit code 3',1);
INSERT INTO job_errors VALUES(7355082619289600,'non_zero_exit','exit code 1',1);
CREATE TABLE job_labels (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    job INTEGER NOT NULL,
    PRIMARY KEY (name, value, job)
) STRICT, WITHOUT ROWID;
CREATE TABLE job_counts (
    operation_type TEXT NOT NULL,
    status TEXT NOT NULL,
    changed INTEGER NOT NULL CHECK (changed IN (-1, 0, 1)),
    number INTEGER NOT NULL CHECK (number >= 0),
    PRIMARY KEY (operation_type, status, changed)
) STRICT, WITHOUT ROWID;
INSERT INTO job_counts VALUES('command.shell','completed',1,1);
INSERT INTO job_counts VALUES('command.shell','failed',-1,1);
INSERT INTO job_counts VALUES('command.shell','partial_failure',1,1);
INSERT INTO job_counts VALUES('command.shell','processing',-1,4);
INSERT INTO job_counts VALUES('command.shell','processing',1,0);
INSERT INTO job_counts VALUES('command.shell','submitted',-1,1);
CREATE TABLE webhooks (
    webhook INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    secret TEXT NOT NULL,
    previous_secret TEXT,
    previous_secret_until INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    disabled_at INTEGER,
    disabled_reason TEXT,
    since_feed INTEGER NOT NULL
) STRICT;
CREATE TABLE webhook_deliveries (
    delivery INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook INTEGER NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    job_id BLOB,
    reason TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER,
    last_attempt_at INTEGER,
    last_status INTEGER,
    last_error TEXT,
    UNIQUE (webhook, reason)
) STRICT;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('jobs',7355082620346368);
CREATE INDEX open_jobs_by_next_check ON jobs (next_check_at) WHERE completed_at IS NULL;
CREATE INDEX runs_by_hostname ON runs (job, hostname);
CREATE INDEX runs_by_state ON runs (job, state, hostname);
CREATE INDEX pending_runs ON runs (agent, delivery) WHERE state = 'pending';
CREATE INDEX open_runs ON runs (agent) WHERE state IN ('acknowledged', 'started');
CREATE INDEX finished_jobs ON jobs (completed_at) WHERE completed_at IS NOT NULL AND is_deleted = 0;
CREATE INDEX deleted_jobs ON jobs (job) WHERE is_deleted = 1;
CREATE INDEX unacknowledged_any ON jobs (job) WHERE awaits_go = 1 AND status = 'submitted';
CREATE INDEX orders_by_job ON orders (job);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_by_job ON idempotency_keys (job);
CREATE UNIQUE INDEX api_keys_in_force ON api_keys (name) WHERE revoked_at IS NULL;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'lines of the audit log are not changed'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'lines of the audit log are not deleted'); END;
CREATE INDEX agents_by_folded_hostname ON agents (hostname COLLATE NOCASE);
CREATE INDEX enrolments_by_hostname ON enrolments (hostname, state);
CREATE INDEX enrolments_by_state ON enrolments (state, enrolment);
CREATE UNIQUE INDEX accepted_hostnames ON enrolments (hostname) WHERE state = 'accepted';
CREATE INDEX pending_enrolments_by_network ON enrolments (network) WHERE state = 'pending';
CREATE INDEX agent_keys_by_agent ON agent_keys (agent_id, added_at);
CREATE INDEX jobs_in_order ON jobs (is_deleted);
CREATE INDEX jobs_by_status ON jobs (is_deleted, status);
CREATE INDEX jobs_by_operation ON jobs (is_deleted, operation_type);
CREATE INDEX jobs_by_change ON jobs (is_deleted, changed);
CREATE INDEX jobs_by_creator ON jobs (is_deleted, created_by, status);
CREATE INDEX jobs_by_origin ON jobs (retry_of, is_deleted) WHERE retry_of IS NOT NULL;
CREATE INDEX runs_by_host ON runs (hostname COLLATE NOCASE, job);
CREATE INDEX uncompleted_runs_by_host ON runs (hostname COLLATE NOCASE, state, job)
    WHERE state <> 'completed';
CREATE INDEX events_with_errors ON events (job, sequence) WHERE error_code IS NOT NULL;
CREATE INDEX events_by_feed ON events (feed) WHERE feed IS NOT NULL;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook, delivery);
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (webhook, state, delivery);
CREATE INDEX due_webhook_deliveries ON webhook_deliveries (next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;
COMMIT;
