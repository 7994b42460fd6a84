//! Permissions in words.

use crate::words::t;
use looma_types::Permission;

/// What a permission allows.
pub fn permission_words(permission: Permission) -> &'static str {
    t(match permission {
        Permission::ReadJobs => READ_JOBS,
        Permission::ReadCompanies => READ_COMPANIES,
        Permission::ReadSkills => READ_SKILLS,
        Permission::ReadOwnUser => READ_OWN_USER,
        Permission::WriteJobs => WRITE_JOBS,
        Permission::ReadPeople => READ_PEOPLE,
        Permission::WritePeople => WRITE_PEOPLE,
        Permission::ReadResumes => READ_RESUMES,
        Permission::WriteResumes => WRITE_RESUMES,
        Permission::WriteCompanies => WRITE_COMPANIES,
        Permission::ReadProjects => READ_PROJECTS,
        Permission::WriteProjects => WRITE_PROJECTS,
        Permission::Search => SEARCH,
        Permission::UseAi => USE_AI,
        Permission::ReadUsers => READ_USERS,
        Permission::UseSync => USE_SYNC,
        Permission::WriteSkills => WRITE_SKILLS,
        Permission::ManageDuplicates => MANAGE_DUPLICATES,
        Permission::ManageUsers => MANAGE_USERS,
        Permission::ReadAudit => READ_AUDIT,
        Permission::ReadMonitor => READ_MONITOR,
        Permission::ReadLogs => READ_LOGS,
        Permission::ManageConfig => MANAGE_CONFIG,
        Permission::ManageAi => MANAGE_AI,
        Permission::ManageWorkspaces => MANAGE_WORKSPACES,
        Permission::ManageBackups => MANAGE_BACKUPS,
        Permission::Operate => OPERATE,
    })
}

crate::messages! {
    READ_JOBS: "See jobs", "查看职位";
    READ_COMPANIES: "See companies", "查看公司";
    READ_SKILLS: "See skills", "查看技能";
    READ_OWN_USER: "See and change their own account", "查看和修改自己的账号";
    WRITE_JOBS: "Write jobs and move applications", "编辑职位与推进申请";
    READ_PEOPLE: "See people", "查看人才";
    WRITE_PEOPLE: "Write people and relationships", "编辑人才与关系";
    READ_RESUMES: "See resumes", "查看简历";
    WRITE_RESUMES: "Import and change resumes", "导入和修改简历";
    WRITE_COMPANIES: "Write companies", "编辑公司";
    READ_PROJECTS: "See projects", "查看项目";
    WRITE_PROJECTS: "Write projects", "编辑项目";
    SEARCH: "Search", "搜索";
    USE_AI: "Use matching and AI", "使用匹配与 AI";
    READ_USERS: "See who else is here", "查看其他用户";
    USE_SYNC: "Synchronise a phone", "同步移动端";
    WRITE_SKILLS: "Curate skills", "维护技能库";
    MANAGE_DUPLICATES: "Find and merge duplicates", "查找与合并重复记录";
    MANAGE_USERS: "Manage users", "管理用户";
    READ_AUDIT: "Read the audit log", "查看审计日志";
    READ_MONITOR: "See the health of services", "查看服务健康状况";
    READ_LOGS: "Read logs", "查看日志";
    MANAGE_CONFIG: "Change the configuration", "修改配置";
    MANAGE_AI: "Manage AI models", "管理 AI 模型";
    MANAGE_WORKSPACES: "Manage workspaces", "管理工作区";
    MANAGE_BACKUPS: "Make and restore backups", "创建与恢复备份";
    OPERATE: "Check and rebuild projections", "校验与重建投影";
}
