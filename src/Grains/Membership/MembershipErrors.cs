using System.Data.Common;

namespace MicroSpark.Grains.Membership;

/// <summary>Says of a database's error what the reader can do about it: which setting, which server, what next.</summary>
internal static class MembershipErrors
{
    /// <summary>The database error inside, when there is one.</summary>
    public static DbException? Find(Exception? error) => error switch
    {
        null => null,
        DbException database => database,
        AggregateException several => several.InnerExceptions.Select(Find).FirstOrDefault(e => e is not null),
        _ => Find(error.InnerException),
    };

    public static ClusterUnavailableException Explain(MembershipOptions options, DbException error) => new(
        $"The cluster's membership is kept in {MembershipConnection.Describe(options)} (MicroSpark:{MembershipConnection.Setting}), "
        + $"which cannot be used: {Text(error)} "
        + "Start that database, or correct the setting.",
        error);

    private static string Text(DbException error)
    {
        var text = error.InnerException is { } inner and not DbException && !error.Message.Contains(inner.Message, StringComparison.Ordinal)
            ? $"{error.Message} ({inner.Message})"
            : error.Message;
        return text.EndsWith('.') ? text : text + ".";
    }
}
