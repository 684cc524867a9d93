namespace MicroSpark.Codecs;

/// <summary>A type, or a value inside one, has no encoding.</summary>
/// <param name="path">Where, such as <c>Order.Lines[].logger</c>; empty while whoever knows the root has not yet been reached.</param>
/// <param name="reason">What was found and the way out.</param>
internal sealed class NotEncodableException(string path, string reason, object? culprit = null)
    : Exception(path.Length == 0 ? reason : $"'{path}' cannot be encoded: {reason}")
{
    public string Path { get; } = path;

    /// <summary>The message without the path.</summary>
    public string Reason { get; } = reason;

    /// <summary>The value that was refused; null when its declared type alone was enough.</summary>
    public object? Culprit { get; } = culprit;

    /// <summary>The same refusal, with the way from <paramref name="root"/> to the culprit appended to <paramref name="prefix"/>.</summary>
    public NotEncodableException Below(string prefix, object? root) =>
        new(prefix + (Path.Length > 0 ? Path : ObjectPath.Find(root, Culprit)), Reason, Culprit);
}
