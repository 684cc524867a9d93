namespace MicroSpark;

/// <summary>Stands for an exception of a type that the client does not have. Carries its type's name, message and stack as text.</summary>
public class RemoteException : Exception
{
    /// <summary>Creates the stand-in.</summary>
    public RemoteException(string typeName, string message, string? remoteStackTrace)
        : base(message)
    {
        TypeName = typeName;
        RemoteStackTrace = remoteStackTrace;
    }

    /// <summary>The full name of the exception's type on the worker.</summary>
    public string TypeName { get; }

    /// <summary>The stack as the worker printed it.</summary>
    public string? RemoteStackTrace { get; }

    /// <inheritdoc />
    public override string ToString() => $"{TypeName}: {Message}{Environment.NewLine}{RemoteStackTrace}";
}

/// <summary>A lambda holds something that cannot travel to a worker. Thrown where the operator is declared.</summary>
public class ClosureNotShippableException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    public ClosureNotShippableException(string message, string fieldPath, Exception? innerException = null)
        : base(message, innerException)
    {
        FieldPath = fieldPath;
    }

    /// <summary>The path of the field that cannot travel, such as <c>this.logger</c>.</summary>
    public string FieldPath { get; }
}

/// <summary>The cluster cannot be reached, or it was lost while a job ran.</summary>
public class ClusterUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ClusterUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
