// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Logging

/// Lets a request through to its call: who it is, whether it may, how often it does; and notes what was refused.
struct Gate: Sendable {
    let access: AccessControl
    let bodies: BodyBudget

    /// Whose the bodies are of those who need no key: they share what one key may have.
    private static let strangers = ""

    /// Serves a call.
    func serve(_ endpoint: Endpoint, _ request: Request, _ context: APIContext) async throws -> Response {
        var context = context
        guard endpoint.access != .open else {
            context.bodyShare = BodyShare(of: bodies, key: Self.strangers)
            return try await endpoint.respond(to: request, context: context)
        }
        do {
            let principal = try admit(request, to: &context)
            let quota = try access.count(principal)
            do {
                try check(principal, endpoint.access)
                var response = try await endpoint.respond(to: request, context: context)
                response.headers.append(contentsOf: quota)
                return response
            } catch let error where !(error is BrokenBody) {
                var refusal = APIError(mapping: error)
                // What failed is to be found in the log as it was.
                guard refusal.status.code < 500 else { throw error }
                refusal.headers.append(contentsOf: quota)
                throw refusal
            }
        } catch let refusal as APIError {
            await note(refusal, endpoint.name, request, context)
            throw refusal
        }
    }

    /// Checks that a request for a path that there is not comes from somebody known, and counts it as any other.
    func admit(unrouted request: Request, _ context: APIContext) async throws {
        var context = context
        do {
            _ = try access.count(try admit(request, to: &context))
        } catch {
            await note(error, Self.unrouted, request, context)
            throw error
        }
    }

    /// What the audit log has as the name of a call that there is not.
    private static let unrouted = "none"

    private func admit(_ request: Request, to context: inout APIContext) throws(APIError) -> Principal {
        let principal = try access.principal(of: request.headers, from: context.address)
        context.principal = principal
        context.bodyShare = BodyShare(of: bodies, key: principal.keyID)
        context.logger[metadataKey: "api.key"] = "\(principal.name)"
        return principal
    }

    private func check(_ principal: Principal, _ access: Endpoint.Access) throws(APIError) {
        guard case .scope(let scope) = access, !principal.scopes.grants(scope) else { return }
        let own = principal.scopes.names.joined(separator: ", ")
        var refusal = APIError(
            .forbidden,
            "the scope \(scope.rawValue) is needed; the key '\(principal.name)' has \(own)"
        )
        // RFC 6750, section 3.1.
        refusal.headers[.wwwAuthenticate] =
            "Bearer realm=\"broker\", error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""
        throw refusal
    }

    /// Notes attempts that were refused for who made them; a request that is wrong otherwise is no attempt.
    private func note(_ refusal: APIError, _ action: String, _ request: Request, _ context: APIContext) async {
        let isOfKey = context.principal != nil && refusal.code == .tooManyRequests
        switch refusal.code {
        case .unauthorized, .forbidden: break
        case .tooManyRequests where !isOfKey: break
        default: return
        }
        await access.note(
            refusal,
            of: context.requester,
            action: action,
            subject: "\(request.method.rawValue) \(request.uri.path)"
        )
    }
}
