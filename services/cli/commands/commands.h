// Each adds one command: its options to `app`, its deed to `session`.
#pragma once

namespace CLI {
class App;
}

namespace accord::cli {

class Session;

void AddGet(CLI::App& app, Session& session);
void AddList(CLI::App& app, Session& session);
void AddDescribe(CLI::App& app, Session& session);
void AddStatus(CLI::App& app, Session& session);
void AddMetrics(CLI::App& app, Session& session);
void AddImport(CLI::App& app, Session& session);
void AddResolve(CLI::App& app, Session& session);
void AddAgreement(CLI::App& app, Session& session);
void AddAgency(CLI::App& app, Session& session);
void AddChanges(CLI::App& app, Session& session);
// `changes verify` and `changes export`, below `changes`.
void AddProve(CLI::App& changes, Session& session);
void AddCheckpoints(CLI::App& app, Session& session);
void AddWatch(CLI::App& app, Session& session);
void AddVerify(CLI::App& app, Session& session);
void AddErase(CLI::App& app, Session& session);
void AddLogin(CLI::App& app, Session& session);
void AddAuth(CLI::App& app, Session& session);
void AddContext(CLI::App& app, Session& session);
// The shell's, and those of courses below it.
void AddCompletion(CLI::App& app, Session& session);
void AddCourseCompletion(CLI::App& completion, Session& session);
// officer, waiver, offering, enrollment, revocation, verification and monitor.
void AddTrainingRecord(CLI::App& app, Session& session);
void AddTrainingFigures(CLI::App& app, Session& session);
void AddWhy(CLI::App& app, Session& session);
void AddAuthority(CLI::App& app, Session& session);

}  // namespace accord::cli
