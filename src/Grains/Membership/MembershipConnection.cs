namespace MicroSpark.Membership;

/// <summary>The connection string as it is used, and what of it may be shown.</summary>
internal static class MembershipConnection
{
    public static string Effective(MembershipOptions options) => options.ConnectionString;
}
