"""What the catalogue refuses, and why."""

from exchange_market.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Missing,
    TooLarge,
    UnsupportedMedia,
)


class ProductNotFound(Missing):
    """No such product, or the asker may not know of it."""

    code = "catalog.product_not_found"
    en = "There is no product {product_id} that you may see."
    zh = "没有您可以查看的数据产品 {product_id}。"


class RevisionNotFound(Missing):
    """No such revision of the product."""

    code = "catalog.revision_not_found"
    en = "The product has no revision {revision}."
    zh = "该数据产品没有版本 {revision}。"


class NoReadyRevision(Conflict):
    """The product has no revision whose rows can be read yet."""

    code = "catalog.no_ready_revision"
    en = "The product has no ready revision yet; upload one and wait until it is ingested."
    zh = "该数据产品尚无可用版本；请先上传并等待入库完成。"


class ListingTransitionRefused(Conflict):
    """The action leads nowhere from the present state."""

    code = "catalog.listing_transition_refused"
    en = "A listing that is {state} cannot do '{action}'; possible now: {allowed}."
    zh = "处于“{state}”状态的挂牌不能执行“{action}”；当前可执行：{allowed}。"


class ListingActionNotYours(Forbidden):
    """The action exists, but another party has to take it."""

    code = "catalog.listing_action_not_yours"
    en = "The action '{action}' can only be taken by: {movers}."
    zh = "“{action}”只能由以下角色执行：{movers}。"


class ReasonRequired(Invalid):
    """A step that affects others must be explained."""

    code = "catalog.reason_required"
    en = "Give a reason for '{action}'; it is kept in the history of the listing."
    zh = "执行“{action}”须说明理由；理由会保存在挂牌历史中。"


class ListingNotEditable(Conflict):
    """The description was submitted or reviewed and stays as it is."""

    code = "catalog.listing_not_editable"
    en = "A listing that is {state} cannot be edited; only drafts and returned listings can."
    zh = "处于“{state}”状态的挂牌不可编辑；仅草稿和被退回的挂牌可编辑。"


class ListingIncomplete(Conflict):
    """Something that a review needs is missing; parameter `missing` lists all of it."""

    code = "catalog.listing_incomplete"
    en = "The listing cannot be submitted yet. Missing: {summary_en}"
    zh = "挂牌尚不能提交。缺少：{summary_zh}"


class CoreDataRefused(Conflict):
    """Core data of the state is not traded."""

    code = "catalog.core_data_cannot_be_listed"
    en = "Core data cannot be listed on the exchange."
    zh = "核心数据不得在交易所挂牌。"


class CoverageReversed(Invalid):
    """The covered period ends before it begins."""

    code = "catalog.coverage_reversed"
    en = "temporal_end must be later than temporal_start."
    zh = "时间覆盖的结束日期须晚于开始日期。"


class ColumnUnknown(Invalid):
    """The latest revision has no such columns."""

    code = "catalog.column_unknown"
    en = "The latest ready revision has no column named: {columns}."
    zh = "最新可用版本没有以下列：{columns}。"


class ColumnRoleLowered(Forbidden):
    """A provider may only become more cautious."""

    code = "catalog.column_role_lowered"
    en = (
        "Column '{column}' is {present}; only an administrator of the exchange may treat it as "
        "the less cautious {wanted}."
    )
    zh = "列“{column}”当前为 {present}；只有交易所管理员可以降为 {wanted}。"


class HoldsPersonsDenied(Forbidden):
    """A provider may not take back that the data are about persons."""

    code = "catalog.holds_persons_denied"
    en = "The data were found to be about persons; only an administrator may decide otherwise."
    zh = "该数据已被判定含有个人信息；只有管理员可以作出不同认定。"


class FormatUnknown(UnsupportedMedia):
    """Neither the media type nor the `format` parameter names a format we read."""

    code = "catalog.format_unknown"
    en = "Say what the file is: format=csv|parquet|ndjson|xlsx in the query, or its media type."
    zh = "请说明文件格式：查询参数 format=csv|parquet|ndjson|xlsx，或相应的媒体类型。"


class UploadTooLarge(TooLarge):
    """More bytes than one revision may have."""

    code = "catalog.upload_too_large"
    en = "A revision may have at most {bytes_max} bytes; nothing of this upload was kept."
    zh = "单个版本最多 {bytes_max} 字节；本次上传未保留任何内容。"


class UploadEmpty(Invalid):
    """Not a single byte arrived."""

    code = "catalog.upload_empty"
    en = "The file is empty; nothing was kept."
    zh = "文件为空；未保留任何内容。"


class UploadDigestMalformed(Invalid):
    """The announced checksum cannot be read."""

    code = "catalog.upload_digest_malformed"
    en = (
        "{field} must hold a SHA-256 checksum (hexadecimal, or sha-256=:base64: in Content-Digest)."
    )
    zh = "{field} 须为 SHA-256 校验值（十六进制，或 Content-Digest 中的 sha-256=:base64:）。"


class UploadDigestMismatch(Invalid):
    """The bytes that arrived are not those that were announced."""

    code = "catalog.upload_digest_mismatch"
    en = "The received bytes have SHA-256 {received}, not {announced}; nothing was kept."
    zh = "收到内容的 SHA-256 为 {received}，与声明的 {announced} 不符；未保留任何内容，请重新上传。"


class UploadInterrupted(Invalid):
    """The sender stopped sending before the end."""

    code = "catalog.upload_interrupted"
    en = "The upload stopped after {received_bytes} bytes; nothing was kept. Send it again."
    zh = "上传在 {received_bytes} 字节后中断；未保留任何内容，请重新上传。"


class UploadInProgress(Conflict):
    """One product takes one upload at a time, so that revisions have an order."""

    code = "catalog.upload_in_progress"
    en = "Revision {number} of this product is being received; wait until it has arrived."
    zh = "该数据产品的版本 {number} 正在接收中；请等待其完成。"


class UploadLost(Conflict):
    """The exchange gave the upload up while it was still running."""

    code = "catalog.upload_lost"
    en = "The exchange gave this upload up because it made no progress; send it again."
    zh = "因长时间没有进展，交易所已放弃本次上传；请重新上传。"


class ProductNotUploadable(Conflict):
    """A listing in this state takes no new revision."""

    code = "catalog.product_not_uploadable"
    en = "A listing that is {state} takes no new revision."
    zh = "处于“{state}”状态的挂牌不接受新版本。"


class OwnListing(Forbidden):
    """Nobody reviews what the own organisation offers."""

    code = "catalog.own_listing"
    en = "You cannot decide about a listing of your own organisation."
    zh = "不得审核本机构的挂牌。"


class SecondReviewerRequired(Conflict):
    """Important data is approved by two persons."""

    code = "catalog.second_reviewer_required"
    en = "Important data takes the approval of two different administrators."
    zh = "重要数据须经两名不同的管理员批准。"
