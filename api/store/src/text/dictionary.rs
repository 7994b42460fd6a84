//! The Chinese dictionary: a general one, and the words of work that it does not know.

use std::sync::OnceLock;

/// A change to these asks for another name of the analysis, so that indexes are made anew.
const WORDS_OF_WORK: &str = "
    后端 前端 全栈 客户端 服务端 移动端 小程序 微服务 中间件 云原生 容器化 架构师 分布式 高并发 大数据 数据仓库 数据湖 数据挖掘 数据分析 数据分析师 数据科学家
    机器学习 深度学习 强化学习 自然语言处理 计算机视觉 大模型 大语言模型 人工智能 知识图谱 推荐系统 搜索引擎 图像识别 语音识别 生成式
    运维工程师 嵌入式 物联网 区块链 元宇宙 自动驾驶 芯片 信息安全 网络安全 渗透测试 运维 敏捷开发 迭代 需求分析
    产品经理 项目经理 产品运营 用户运营 内容运营 新媒体 短视频 直播 电商 跨境电商 用户体验 交互设计 视觉设计 用户增长 市场营销 品牌营销 商务拓展 渠道
    人力资源 人事 招聘 猎头 猎聘 薪酬 绩效考核 劳动关系 校招 社招 内推 背调 入职 离职 求职 简历 简历库 人才库 候选人 应聘 面试官 跳槽
    首席执行官 首席技术官 首席财务官 技术总监 运营总监 联合创始人 合伙人 创始人 高管 董事会 投融资 风投 尽职调查 财务分析 审计 税务 法务 合规
    供应链 采购 物流 仓储 精益生产 质量管理 硕士 博士 本科 大专 学士 实习生 应届生 双一流 留学 研究生院 软件工程 计算机科学 信息管理 电子商务 工商管理
    腾讯 阿里巴巴 字节跳动 百度 京东 美团 拼多多 滴滴 小米 华为 网易 携程 快手 蚂蚁集团 商汤科技 旷视 大疆 比亚迪 宁德时代 蔚来 理想汽车 小鹏";

/// Read when the first Chinese text comes: it takes a tenth of a second and some tens of megabytes.
pub fn dictionary() -> &'static jieba_rs::Jieba {
    static DICTIONARY: OnceLock<jieba_rs::Jieba> = OnceLock::new();
    DICTIONARY.get_or_init(|| {
        let mut dictionary = jieba_rs::Jieba::new();
        for word in WORDS_OF_WORK.split_whitespace() {
            dictionary.add_word(word, None, None);
        }
        dictionary
    })
}
