namespace MicroSpark.Stages;

/// <summary>A sink that may take an element within nanoseconds, whatever the elements are.</summary>
internal interface IBriefSink
{
    /// <summary>Whether it does, and calls no code of the user's but its <see cref="IEmittingSink.Functions"/>.</summary>
    bool IsBrief { get; }
}
