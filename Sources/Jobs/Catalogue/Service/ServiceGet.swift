// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.get`: how a unit is.
    static let serviceGet = CatalogueOperation(
        "service.get",
        .read,
        "Tells how a unit of systemd is; one that is not there has the load_state not-found.",
        parameters: .parameters(["unit": ServiceParameters.unit], required: ["unit"]),
        result: .record([
            "unit": .text("Its name."), "description": .text("What it is."),
            "load_state": .text("loaded, not-found, masked, bad-setting, error."),
            "active_state": .text("active, inactive, failed, activating, deactivating, reloading."),
            "sub_state": .text("running, exited, dead and others."),
            "enabled": .text("enabled, disabled, static, masked and others; empty without a file."),
            "path": .text("Its file."),
            "main_pid": ["description": "Its main process.", "type": ["integer", "null"]],
            "result": .text("How it ended the last time: success, exit-code, signal, timeout and others."),
            "restarts": ["description": "How often systemd has restarted it.", "type": ["integer", "null"]],
            "memory_bytes": ["description": "The memory that it uses.", "type": ["integer", "null"]],
            "exit_status": ["description": "What its main process ended with.", "type": ["integer", "null"]],
            "can_reload": ["description": "Whether it can be reloaded.", "type": "boolean"],
            "needs_daemon_reload": [
                "description": "Whether its file is newer than what systemd knows.", "type": "boolean",
            ],
        ]),
        examples: [OperationExample("Look at a service", ["unit": "systemd-journald"])]
    )
}
